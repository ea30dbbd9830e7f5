DROP TABLE program_plan_moves;
DROP TABLE program_plans;

DROP TABLE familiar_addresses;
DROP TABLE rate_limits;

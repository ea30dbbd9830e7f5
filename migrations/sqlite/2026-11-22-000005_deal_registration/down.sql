DROP TABLE protections;
DROP TABLE deal_external_refs;
DROP TABLE deal_products;
DROP TABLE deal_registrations;
DROP TABLE vendor_opportunities;
DROP TABLE account_keys;
DROP TABLE accounts;

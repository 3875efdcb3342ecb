-- dialect: postgresql
CREATE TABLE audit.log (who text;

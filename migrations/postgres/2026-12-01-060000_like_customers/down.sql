DROP INDEX customers_by_mobile;

DROP TABLE apk_lifts;

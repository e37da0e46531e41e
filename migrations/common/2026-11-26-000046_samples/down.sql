DROP TABLE samples;
DROP TABLE lotteries;

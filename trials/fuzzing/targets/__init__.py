"""The targets, one a file: each says what it holds to be true of any input whatever."""

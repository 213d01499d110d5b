-- One database for each service; the server runs this when it is new.
CREATE DATABASE quotes;
CREATE DATABASE likes;

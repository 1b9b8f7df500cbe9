"""One file for each table, figure, claim or question: a list of runs."""

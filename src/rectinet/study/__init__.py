"""The study re-run: experiments as lists of runs, kept in one store, shown beside the paper's numbers."""

"""Training: a job, its run, its proof; and the child process in which it happens."""

"""The shell: carries out what the core decides, for one component (`unit`) and for all of them (`fleet`)."""

"""From the plan's files to the plan that is on air."""

"""What a manager looks at over weeks: figures from the daily sums, plots of them, and both on paper.

Only the child process (``python -m broadcaster.trends.plots``) imports the library that plots.
"""

"""走访、回访、职业指导、讲政策: what is written down about a person outside the counter's other forms."""

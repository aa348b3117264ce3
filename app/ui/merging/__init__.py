"""Two files of one person made one."""

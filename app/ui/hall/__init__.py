"""The hall's second screen: figures for whoever waits or visits, and nothing about any person."""

"""Doorstep (家门口): the counter of a neighbourhood employment-service station, and its district server."""

__version__ = "0.1.0"

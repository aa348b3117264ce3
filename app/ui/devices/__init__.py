"""Every device of the station or the district: last contact, queue, version, disk."""

"""People and teams of an LDAP directory as Users and Groups of the catalog."""

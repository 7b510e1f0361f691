"""Sign-in with the password of an LDAP directory (RFC 4511): OpenLDAP, Active Directory and their kind."""

/**
 * @file roster_table.h  The tables of a roster, for the reader of documents;
 * private
 */
#ifndef ROSTER_TABLE_H
#define ROSTER_TABLE_H

#include "ue/services/roster.h"

/** Keep a string.  @return 0; EOVERFLOW: no room, truncated is set */
int  roster_put(struct roster *r, uint16_t *offset, const char *str);

/** Rows by key; add: when there is none.  @return index; -1: none, or no room
 *  (truncated is set) */
int  roster_user(struct roster *r, const char *entity, bool add);
int  roster_endpoint(struct roster *r, unsigned user, const char *entity,
		     bool add);
int  roster_media(struct roster *r, unsigned endpoint, const char *id,
		  bool add);

/** Remove with all that belongs to it */
void roster_remove_users(struct roster *r);
void roster_remove_user(struct roster *r, unsigned user);
void roster_remove_endpoints(struct roster *r, unsigned user);
void roster_remove_endpoint(struct roster *r, unsigned endpoint);
void roster_remove_media(struct roster *r, unsigned endpoint);

#endif

/**
 * @file roster_table.c  The tables of a roster and its strings
 */
#include <errno.h>
#include <string.h>
#include "ue/services/roster_table.h"


/* ------------------------------------------------------------------ */
/* Strings, one after the other, each with its zero and in one page; 0 is the
   empty one.  Behind the last one of a page there are zeros */

enum { PAGE = SIP_STORE_PAGE };

/** Octets of the store that stay free for messages and dialogs: a roster that
 *  is cut short does less harm */
#define LEAVE 2048


static char *text_at(const struct roster *r, uint16_t offset)
{
	return sip_store_page(r->store, r->pagev[offset / PAGE]) +
		offset % PAGE;
}


const char *roster_text(const struct roster *r, uint16_t offset)
{
	return offset ? text_at(r, offset) : "";
}


/* Each offset that is in use.  ENOENT: n is behind the last one */
static int ref_at(uint16_t **ref, struct roster *r, unsigned n)
{
	if (n < 3) {
		*ref = n == 0 ? &r->entity : n == 1 ? &r->name : &r->subject;
		return 0;
	}
	n -= 3;

	if (n < 3u * r->userc) {
		struct roster_user *u = &r->userv[n / 3];

		*ref = n % 3 == 0 ? &u->entity : n % 3 == 1 ? &u->name
			: &u->roles;
		return 0;
	}
	n -= 3u * r->userc;

	if (n < 2u * r->endpointc) {
		struct roster_endpoint *e = &r->endpointv[n / 2];

		*ref = n % 2 ? &e->name : &e->entity;
		return 0;
	}
	n -= 2u * r->endpointc;

	if (n < 2u * r->mediac) {
		struct roster_media *m = &r->mediav[n / 2];

		*ref = n % 2 ? &m->type : &m->id;
		return 0;
	}

	return ENOENT;
}


/* The lowest offset in use that is not below from; UINT16_MAX: none */
static uint16_t next_used(struct roster *r, uint16_t from)
{
	uint16_t *ref, low = UINT16_MAX;
	unsigned n;

	for (n = 0; !ref_at(&ref, r, n); n++) {
		if (*ref >= from && *ref < low)
			low = *ref;
	}

	return low;
}


static void move(struct roster *r, uint16_t from, uint16_t to)
{
	uint16_t *ref;
	unsigned n;

	for (n = 0; !ref_at(&ref, r, n); n++) {
		if (*ref == from)
			*ref = to;
	}

	memmove(text_at(r, to), text_at(r, from),
		strlen(text_at(r, from)) + 1);
}


/* Where a string of that size can be, from an offset on */
static uint16_t fit(uint16_t offset, size_t size)
{
	if (offset % PAGE + size > PAGE)
		offset = (uint16_t)((offset / PAGE + 1) * PAGE);

	return offset;
}


/* What is behind an offset in its page */
static void wipe_rest(struct roster *r, uint16_t offset)
{
	if (offset % PAGE)
		memset(text_at(r, offset), 0, PAGE - offset % PAGE);
}


/* Strings that nobody uses any more make room.  One that does not fit into the
   rest of a page comes from a later one: none is in that rest */
static void compact(struct roster *r)
{
	uint16_t to = 1, from = 1;
	unsigned i;

	if (!r->pagev[0])
		return;

	while ((from = next_used(r, from)) != UINT16_MAX) {

		const size_t size = strlen(text_at(r, from)) + 1;

		if (fit(to, size) != to)
			wipe_rest(r, to);
		to = fit(to, size);
		move(r, from, to);
		from = (uint16_t)(from + size);
		to = (uint16_t)(to + size);
	}

	wipe_rest(r, to);
	r->text_len = to;

	for (i = (to + PAGE - 1U) / PAGE; i < ROSTER_PAGES; i++) {
		sip_store_page_free(r->store, r->pagev[i]);
		r->pagev[i] = 0;
	}
}


static bool find_text(uint16_t *offset, const struct roster *r,
		      const char *str)
{
	size_t pos = 1, size;

	while (pos < r->text_len) {

		const char *p = text_at(r, (uint16_t)pos);

		if (!*p) {
			pos = (pos / PAGE + 1) * PAGE;
			continue;
		}
		if (!strcmp(p, str)) {
			*offset = (uint16_t)pos;
			return true;
		}
		size = strlen(p) + 1;
		pos += size;
	}

	return false;
}


/* Room for a string at r->text_len, with its page */
static bool make_room(struct roster *r, size_t size)
{
	const uint16_t pos = fit(r->text_len, size);
	uint8_t *page = &r->pagev[pos / PAGE];

	if (pos / PAGE >= ROSTER_PAGES ||
	    (!*page && sip_store_page_alloc(page, r->store, LEAVE)))
		return false;

	r->text_len = pos;

	return true;
}


int roster_put(struct roster *r, uint16_t *offset, const char *str)
{
	const size_t size = strlen(str) + 1;

	if (size == 1) {
		*offset = 0;
		return 0;
	}
	if (!r->text_len)
		r->text_len = 1;

	if (find_text(offset, r, str))
		return 0;

	if (size <= PAGE && !make_room(r, size))
		compact(r);

	if (size > PAGE || !make_room(r, size)) {
		r->truncated = true;
		return EOVERFLOW;
	}

	memcpy(text_at(r, r->text_len), str, size);
	*offset = r->text_len;
	r->text_len = (uint16_t)(r->text_len + size);

	return 0;
}


void roster_init(struct roster *r, struct sip_store *store)
{
	memset(r, 0, sizeof(*r));
	r->store = store;
}


void roster_clear(struct roster *r)
{
	unsigned i;

	for (i = 0; i < ROSTER_PAGES; i++)
		sip_store_page_free(r->store, r->pagev[i]);

	roster_init(r, r->store);
}


/* ------------------------------------------------------------------ */
/* Rows */


static bool is_text(const struct roster *r, uint16_t offset, const char *str)
{
	return !strcmp(roster_text(r, offset), str);
}


int roster_find(const struct roster *r, const char *entity)
{
	unsigned i;

	for (i = 0; i < r->userc; i++) {
		if (is_text(r, r->userv[i].entity, entity))
			return (int)i;
	}

	return -1;
}


/* Keep the key of a row to come, where there is room for the row */
static bool put_key(uint16_t *offset, struct roster *r, const char *key,
		    unsigned count, unsigned max)
{
	if (count == max) {
		r->truncated = true;
		return false;
	}

	return !roster_put(r, offset, key);
}


int roster_user(struct roster *r, const char *entity, bool add)
{
	const int i = roster_find(r, entity);
	uint16_t key;

	if (i >= 0 || !add ||
	    !put_key(&key, r, entity, r->userc, UE_ROSTER_USERS))
		return i;

	memset(&r->userv[r->userc], 0, sizeof(r->userv[0]));
	r->userv[r->userc].entity = key;

	return r->userc++;
}


int roster_endpoint(struct roster *r, unsigned user, const char *entity,
		    bool add)
{
	uint16_t key;
	unsigned i;

	for (i = 0; i < r->endpointc; i++) {
		if (r->endpointv[i].user == user &&
		    is_text(r, r->endpointv[i].entity, entity))
			return (int)i;
	}

	if (!add ||
	    !put_key(&key, r, entity, r->endpointc, UE_ROSTER_ENDPOINTS))
		return -1;

	memset(&r->endpointv[i], 0, sizeof(r->endpointv[0]));
	r->endpointv[i].entity = key;
	r->endpointv[i].user = (uint8_t)user;

	return r->endpointc++;
}


int roster_media(struct roster *r, unsigned endpoint, const char *id,
		 bool add)
{
	uint16_t key;
	unsigned i;

	for (i = 0; i < r->mediac; i++) {
		if (r->mediav[i].endpoint == endpoint &&
		    is_text(r, r->mediav[i].id, id))
			return (int)i;
	}

	if (!add || !put_key(&key, r, id, r->mediac, UE_ROSTER_MEDIA))
		return -1;

	memset(&r->mediav[i], 0, sizeof(r->mediav[0]));
	r->mediav[i].id = key;
	r->mediav[i].endpoint = (uint8_t)endpoint;

	return r->mediac++;
}


void roster_remove_media(struct roster *r, unsigned endpoint)
{
	unsigned i, kept = 0;

	for (i = 0; i < r->mediac; i++) {
		if (r->mediav[i].endpoint != endpoint)
			r->mediav[kept++] = r->mediav[i];
	}

	r->mediac = (uint8_t)kept;
}


void roster_remove_endpoint(struct roster *r, unsigned endpoint)
{
	unsigned i;

	roster_remove_media(r, endpoint);

	for (i = 0; i < r->mediac; i++) {
		if (r->mediav[i].endpoint > endpoint)
			--r->mediav[i].endpoint;
	}

	--r->endpointc;
	for (i = endpoint; i < r->endpointc; i++)
		r->endpointv[i] = r->endpointv[i + 1];
}


void roster_remove_endpoints(struct roster *r, unsigned user)
{
	unsigned i;

	for (i = r->endpointc; i-- > 0;) {
		if (r->endpointv[i].user == user)
			roster_remove_endpoint(r, i);
	}
}


void roster_remove_user(struct roster *r, unsigned user)
{
	unsigned i;

	roster_remove_endpoints(r, user);

	for (i = 0; i < r->endpointc; i++) {
		if (r->endpointv[i].user > user)
			--r->endpointv[i].user;
	}

	--r->userc;
	for (i = user; i < r->userc; i++)
		r->userv[i] = r->userv[i + 1];
}


void roster_remove_users(struct roster *r)
{
	r->userc = 0;
	r->endpointc = 0;
	r->mediac = 0;
	r->truncated = false;
	compact(r);
}

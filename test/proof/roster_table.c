/*
 * Proof: the tables of a roster (ue/services/roster_table.c)
 *
 * From any state in which the counts of rows are in the tables, each endpoint
 * has a user that is there and each medium an endpoint that is there, every
 * function leaves such a state behind, writes nothing outside of the tables,
 * and says an index of a row that is there, or -1; so it is after any number
 * of documents.  An offset that is in use is found in a row that is there.  The
 * loops are unwound: tables are of three rows here.  Not here: the strings,
 * whose places are a matter of zeros in their pages, which CBMC counts octet by
 * octet; unit tests and fuzzing hold them.
 *
 * flags: -DUE_ROSTER_USERS=3 -DUE_ROSTER_ENDPOINTS=3 -DUE_ROSTER_MEDIA=3
 * unwind: 5
 * prove: ref_at
 * bug: ref_at: ue/services/roster_table.c s/n < 3u . r->userc/n <= 3u * r->userc/
 * bug: ref_at: ue/services/roster_table.c s/n < 2u . r->mediac/n <= 2u * r->mediac/
 * prove: roster_find
 * bug: roster_find: ue/services/roster_table.c s/return (int)i;/return (int)i + 1;/
 * prove: put_key
 * bug: put_key: ue/services/roster_table.c s/!roster_put(r, offset/!roster_put(r, NULL/
 * prove: roster_user
 * bug: roster_user: ue/services/roster_table.c s/, UE_ROSTER_USERS)/, 4)/
 * prove: roster_endpoint
 * bug: roster_endpoint: ue/services/roster_table.c s/, UE_ROSTER_ENDPOINTS)/, 4)/
 * bug: roster_endpoint: ue/services/roster_table.c s/user = (uint8_t)user/user = r->userc/
 * prove: roster_media
 * bug: roster_media: ue/services/roster_table.c s/, UE_ROSTER_MEDIA)/, 4)/
 * prove: roster_remove_media
 * bug: roster_remove_media: ue/services/roster_table.c s/(uint8_t)kept/(uint8_t)(kept + 1)/
 * bug: roster_remove_media: ue/services/roster_table.c s/endpoint != e/endpoint == e/
 * prove: roster_remove_endpoint
 * bug: roster_remove_endpoint: ue/services/roster_table.c s/--r->mediav.i..endpoint//
 * bug: roster_remove_endpoint: ue/services/roster_table.c s/roster_remove_media(r, e.*;//
 * prove: roster_remove_endpoints
 * bug: roster_remove_endpoints: ue/services/roster_table.c s/i = r->endpointc;/i = 3;/
 * prove: roster_remove_user
 * bug: roster_remove_user: ue/services/roster_table.c s/--r->endpointv.i..user//
 * bug: roster_remove_user: ue/services/roster_table.c s/roster_remove_endpoints(r, u.*;//
 * prove: roster_remove_users
 * bug: roster_remove_users: ue/services/roster_table.c s/r->endpointc = 0;//
 * assumed: compact moves strings: only the unit tests look at them
 * assumed: is_text compares strings: only the unit tests look at them
 * assumed: roster_put adds strings: only the unit tests look at them
 */
#include "test/proof/proof.h"
#include "ue/services/roster_table.c"

static struct roster roster;

struct roster nondet_roster(void);


/** Rows are in the tables, and belong to rows that are there */
static bool state(const struct roster *r)
{
	unsigned i;

	if (r->userc > UE_ROSTER_USERS || r->endpointc > UE_ROSTER_ENDPOINTS ||
	    r->mediac > UE_ROSTER_MEDIA)
		return false;

	for (i = 0; i < UE_ROSTER_ENDPOINTS; i++) {
		if (i < r->endpointc && r->endpointv[i].user >= r->userc)
			return false;
	}
	for (i = 0; i < UE_ROSTER_MEDIA; i++) {
		if (i < r->mediac && r->mediav[i].endpoint >= r->endpointc)
			return false;
	}

	return true;
}


static void any_roster(void)
{
	roster = nondet_roster();
	ASSUME(state(&roster));
}


/* ------------------------------------------------------------------ */
/* Strings */

int roster_put_contract(struct roster *r, uint16_t *offset, const char *str)
{
	(void)str;
	ASSERT(__CPROVER_w_ok(offset, sizeof(*offset)));
	if (nondet_bool()) {
		r->truncated = true;
		return EOVERFLOW;
	}
	*offset = nondet_u16();

	return 0;
}


bool is_text_contract(const struct roster *r, uint16_t offset, const char *str)
{
	(void)r;
	(void)offset;
	(void)str;

	return nondet_bool();
}


/** Rows are as they were but for their offsets */
void compact_contract(struct roster *r)
{
	ASSERT(state(r));
}


/** Is it in one of count rows? */
static bool in_rows(const uint16_t *ref, const void *rows, size_t size,
		    unsigned count)
{
	return PLACE(ref) >= PLACE(rows) &&
		PLACE(ref) < PLACE(rows) + size * count;
}


void prove_ref_at(void)
{
	uint16_t *ref;
	const unsigned n = nondet_u8();
	const struct roster *r = &roster;

	any_roster();
	if (ref_at(&ref, &roster, n))
		return;
	ASSERT(ref == &r->entity || ref == &r->name || ref == &r->subject ||
	       in_rows(ref, r->userv, sizeof(r->userv[0]), r->userc) ||
	       in_rows(ref, r->endpointv, sizeof(r->endpointv[0]),
		       r->endpointc) ||
	       in_rows(ref, r->mediav, sizeof(r->mediav[0]), r->mediac));
}


/* ------------------------------------------------------------------ */
/* Rows */

/** A row that is there, or none */
static int any_row(unsigned count)
{
	const int i = nondet_int();

	ASSUME(i >= -1 && i < (int)count);

	return i;
}


int roster_find_contract(const struct roster *r, const char *entity)
{
	(void)entity;

	return any_row(r->userc);
}


void prove_roster_find(void)
{
	int i;

	any_roster();
	i = roster_find(&roster, "sip:a@b");
	ASSERT(i >= -1 && i < roster.userc);
}


bool put_key_contract(uint16_t *offset, struct roster *r, const char *key,
		      unsigned count, unsigned max)
{
	ASSERT(count <= max);

	return count < max && !roster_put_contract(r, offset, key);
}


void prove_put_key(void)
{
	const unsigned count = nondet_u8();
	uint16_t offset;

	any_roster();
	ASSUME(count <= 3);
	if (put_key(&offset, &roster, "sip:a@b", count, 3))
		ASSERT(count < 3);
	ASSERT(state(&roster));
}


void prove_roster_user(void)
{
	int i;

	any_roster();
	i = roster_user(&roster, "sip:a@b", nondet_bool());
	ASSERT(i >= -1 && i < roster.userc && state(&roster));
}


void prove_roster_endpoint(void)
{
	const unsigned user = nondet_u8();
	int i;

	any_roster();
	ASSUME(user < roster.userc);
	i = roster_endpoint(&roster, user, "sip:a@b", nondet_bool());
	ASSERT(i >= -1 && i < roster.endpointc && state(&roster));
}


void prove_roster_media(void)
{
	const unsigned endpoint = nondet_u8();
	int i;

	any_roster();
	ASSUME(endpoint < roster.endpointc);
	i = roster_media(&roster, endpoint, "1", nondet_bool());
	ASSERT(i >= -1 && i < roster.mediac && state(&roster));
}


/** None is left that belongs to it */
static bool has_media(unsigned endpoint)
{
	unsigned i;

	for (i = 0; i < UE_ROSTER_MEDIA; i++) {
		if (i < roster.mediac &&
		    roster.mediav[i].endpoint == endpoint)
			return true;
	}

	return false;
}


void prove_roster_remove_media(void)
{
	const unsigned endpoint = nondet_u8();

	any_roster();
	ASSUME(endpoint < roster.endpointc);
	roster_remove_media(&roster, endpoint);
	ASSERT(state(&roster) && !has_media(endpoint));
}


void prove_roster_remove_endpoint(void)
{
	const unsigned endpoint = nondet_u8();
	unsigned count;

	any_roster();
	count = roster.endpointc;
	ASSUME(endpoint < count);
	roster_remove_endpoint(&roster, endpoint);
	ASSERT(state(&roster) && roster.endpointc == count - 1);
}


void prove_roster_remove_endpoints(void)
{
	const unsigned user = nondet_u8();
	unsigned i;

	any_roster();
	ASSUME(user < roster.userc);
	roster_remove_endpoints(&roster, user);
	for (i = 0; i < roster.endpointc; i++)
		ASSERT(roster.endpointv[i].user != user);
	ASSERT(state(&roster));
}


void prove_roster_remove_user(void)
{
	const unsigned user = nondet_u8();

	any_roster();
	ASSUME(user < roster.userc);
	roster_remove_user(&roster, user);
	ASSERT(state(&roster));
}


void prove_roster_remove_users(void)
{
	any_roster();
	roster_remove_users(&roster);
	ASSERT(state(&roster) && !roster.userc);
}

/*
 * Proof: rows that conference-info documents decide (ue/services/roster.c)
 *
 * Whatever a document says in whatever order: each function is given rows that
 * are there and gives on rows that are there, also after rows have been added
 * and removed by what it calls; roles are written inside of their memory; each
 * name of a status stands for a number that has one.  The functions of the
 * tables are called by what roster_table proves, those of XML by what they may
 * say; the text of an element has any length that fits.  Loops are proved by
 * induction, so there is no bound.  Not here: conference-state, description,
 * users and the root, which have no rows, and versions.
 *
 * flags: -DUE_ROSTER_USERS=3 -DUE_ROSTER_ENDPOINTS=3 -DUE_ROSTER_MEDIA=3
 * prove: number_of --conversion-check
 * bug: number_of: ue/services/roster.c s/i < count; i++/i <= count; i++/
 * prove: store_name
 * bug: store_name: ue/services/roster.c s/namev, count);$/namev, count + 1);/
 * prove: attr_state
 * bug: attr_state: ue/services/roster.c s/i < COUNT(statev)/i <= COUNT(statev)/
 * prove: read_media
 * bug: read_media: ue/services/roster.c s/	if (i < 0) {/	if (i < -1) {/
 * prove: endpoint_child
 * bug: endpoint_child: ue/services/roster.c s/read_media(work, i)/read_media(work, i + 1)/
 * prove: clear_endpoint
 * bug: clear_endpoint: ue/services/roster.c s/remove_media(r, i)/remove_media(r, i + 1)/
 * prove: read_endpoint
 * bug: read_endpoint: ue/services/roster.c s/if (i < 0 || state == STATE_DELETED)/if (i < 0)/
 * bug: read_endpoint: ue/services/roster.c s/if (i >= 0 && state ==/if (state ==/
 * prove: read_roles
 * bug: read_roles: ue/services/roster.c s/len + 2 > sizeof/len + 1 > sizeof/
 * bug: read_roles: ue/services/roster.c s/	pos += len/	pos += len + 1/
 * prove: user_child
 * bug: user_child: ue/services/roster.c s/endpoint(work, i)/endpoint(work, i + 1)/
 * prove: read_user
 * bug: read_user: ue/services/roster.c s/if (i < 0 || state == STATE_DELETED)/if (i < 0)/
 * bug: read_user: ue/services/roster.c s/roster_remove_endpoints(w/roster_remove_user(w/
 * prove: old_status
 * bug: old_status: ue/services/roster.c s/e->status = number_of/e->status = 1 + number_of/
 * prove: old_media
 * bug: old_media: ue/services/roster.c s/	if (i >= 0)$/	if (1)/
 * prove: old_user
 * bug: old_user: ue/services/roster.c s/	if (endpoint < 0) {/	if (user < 0) {/
 * bug: old_user: ue/services/roster.c s/	if (user >= 0) {/	if (1) {/
 * prove: roster_user_status
 * bug: roster_user_status: ue/services/roster.c s/.ROSTER_DISCONNECTED.  *= 1,//
 */
#include "test/proof/proof.h"
#include "ue/services/roster_table.h"

static struct roster roster;

#define COUNTS (roster.userc <= UE_ROSTER_USERS && \
		roster.endpointc <= UE_ROSTER_ENDPOINTS && \
		roster.mediac <= UE_ROSTER_MEDIA)

/** A loop over elements in a row of that number, of which there are count */
#define ROW(i, count) \
	CHANGES(__CPROVER_object_whole(&roster)) \
	INVARIANT(COUNTS && (i) < (count) && STATUSES && \
		  roster.userc == __CPROVER_loop_entry(roster.userc))

#define STATUSES (roster.endpointv[0].status <= ROSTER_DISCONNECTED && \
		  roster.endpointv[1].status <= ROSTER_DISCONNECTED && \
		  roster.endpointv[2].status <= ROSTER_DISCONNECTED)

#define LOOP_number_of_1 CHANGES(i) INVARIANT(i <= count) \
	__CPROVER_decreases(count - i)
#define LOOP_attr_state_1 CHANGES(i) INVARIANT(i <= 3) \
	__CPROVER_decreases(3 - i)
#define LOOP_read_media_1 ROW((unsigned)i, roster.mediac)
#define LOOP_read_endpoint_1 ROW((unsigned)i, roster.endpointc)
#define LOOP_read_roles_1 \
	CHANGES(pos, len, roster.truncated, __CPROVER_object_whole(roles)) \
	INVARIANT(pos < sizeof(roles))
#define LOOP_read_user_1 ROW((unsigned)i, roster.userc)
#define LOOP_old_media_1 \
	CHANGES(i, __CPROVER_object_whole(&roster)) \
	INVARIANT(COUNTS && endpoint < roster.endpointc && STATUSES)
#define LOOP_old_user_1 ROW((unsigned)endpoint, roster.endpointc)
#define LOOP_roster_user_status_1 CHANGES(i, best) \
	INVARIANT(i <= r->endpointc && best <= ROSTER_DISCONNECTED) \
	__CPROVER_decreases(r->endpointc - i)

#include "ue/services/roster.c"

static struct roster_work work;

struct roster nondet_roster(void);


static void any_roster(void)
{
	work.r = &roster;
	roster = nondet_roster();
	ASSUME(COUNTS && STATUSES);
}


/** A row that is there */
static unsigned any_row(unsigned count)
{
	const unsigned i = nondet_u8();

	ASSUME(i < count);

	return i;
}


/* ------------------------------------------------------------------ */
/* Contracts of others */

/** Of the text of an element, and of roles */
size_t strlen(const char *s)
{
	const size_t n = nondet_size();

	(void)s;
	ASSUME(n < sizeof(work.text));

	return n;
}


int strcmp(const char *a, const char *b)
{
	ASSERT(readable(a, 1) && readable(b, 1));

	return nondet_int();
}


int pl_strcmp(const struct pl *pl, const char *str)
{
	(void)pl;
	ASSERT(readable(str, 1));

	return nondet_int();
}


bool xml_is(const struct xml *x, const char *ns, const char *name)
{
	(void)x;
	(void)ns;
	(void)name;

	return nondet_bool();
}


int xml_skip(struct xml *x)
{
	(void)x;

	return nondet_int();
}


int xml_child(struct xml *x)
{
	(void)x;

	return nondet_int();
}


int xml_attr(struct pl *val, const struct xml *x, const char *name)
{
	(void)val;
	(void)x;
	(void)name;

	return nondet_int();
}


int xml_attr_str(char *str, size_t size, const struct xml *x,
		 const char *name)
{
	(void)x;
	(void)name;
	ASSERT(size && __CPROVER_w_ok(str, size));

	return nondet_int();
}


int xml_text(char *str, size_t size, struct xml *x)
{
	(void)x;
	ASSERT(size && __CPROVER_w_ok(str, size));

	return nondet_int();
}


/* ------------------------------------------------------------------ */
/* Contracts of the tables: rows that are there stay, or go */

/** None is any negative number: CBMC does not look for one before the last
 *  table, which is still in the roster */
static int row_or_none(uint8_t *count, unsigned max, bool add)
{
	const int i = nondet_int();

	if (add && *count < max && nondet_bool())
		++*count;
	ASSUME(i < (int)*count);

	return i;
}


static void fewer(uint8_t *count)
{
	const uint8_t n = nondet_u8();

	ASSUME(n <= *count);
	*count = n;
}


int roster_put(struct roster *r, uint16_t *offset, const char *str)
{
	(void)r;
	ASSERT(__CPROVER_w_ok(offset, sizeof(*offset)) && readable(str, 1));
	*offset = nondet_u16();

	return nondet_bool() ? EOVERFLOW : 0;
}


int roster_user(struct roster *r, const char *entity, bool add)
{
	(void)entity;

	return row_or_none(&r->userc, UE_ROSTER_USERS, add);
}


int roster_endpoint(struct roster *r, unsigned user, const char *entity,
		    bool add)
{
	(void)entity;
	ASSERT(user < r->userc);

	return row_or_none(&r->endpointc, UE_ROSTER_ENDPOINTS, add);
}


int roster_media(struct roster *r, unsigned endpoint, const char *id, bool add)
{
	(void)id;
	ASSERT(endpoint < r->endpointc);

	return row_or_none(&r->mediac, UE_ROSTER_MEDIA, add);
}


void roster_remove_media(struct roster *r, unsigned endpoint)
{
	ASSERT(endpoint < r->endpointc);
	fewer(&r->mediac);
}


void roster_remove_endpoint(struct roster *r, unsigned endpoint)
{
	roster_remove_media(r, endpoint);
	--r->endpointc;
}


void roster_remove_endpoints(struct roster *r, unsigned user)
{
	ASSERT(user < r->userc);
	fewer(&r->endpointc);
	fewer(&r->mediac);
}


void roster_remove_user(struct roster *r, unsigned user)
{
	roster_remove_endpoints(r, user);
	--r->userc;
}


/* ------------------------------------------------------------------ */
/* Values */

uint8_t number_of_contract(const char *text, const char *const *namev,
			   size_t count)
{
	const uint8_t i = nondet_u8();

	(void)text;
	ASSERT(count && __CPROVER_r_ok(namev, count * sizeof(*namev)));
	ASSUME(i < count);

	return i;
}


void prove_number_of(void)
{
	ASSERT(number_of(work.text, statusv, COUNT(statusv)) <
	       COUNT(statusv));
}


void store_name_contract(uint8_t *number, struct roster_work *w,
			 const char *const *namev, size_t count)
{
	ASSERT(__CPROVER_w_ok(number, 1));
	*number = number_of_contract(w->text, namev, count);
}


void prove_store_name(void)
{
	uint8_t number;

	any_roster();
	store_name(&number, &work, statusv, COUNT(statusv));
	ASSERT(number < COUNT(statusv));
}


enum state attr_state_contract(const struct xml *x)
{
	const unsigned i = nondet_u8();

	(void)x;
	ASSUME(i <= STATE_DELETED);

	return (enum state)i;
}


void prove_attr_state(void)
{
	ASSERT(attr_state(&work.xml) <= STATE_DELETED);
}


/* ------------------------------------------------------------------ */
/* Elements */

/** Media are added */
void read_media_contract(struct roster_work *w, unsigned endpoint)
{
	(void)roster_media(w->r, endpoint, w->text, true);
}


void prove_read_media(void)
{
	any_roster();
	read_media(&work, any_row(roster.endpointc));
	ASSERT(COUNTS);
}


void endpoint_child_contract(struct roster_work *w, unsigned i)
{
	read_media_contract(w, i);
	w->r->endpointv[i].status = any_row(COUNT(statusv));
}


void prove_endpoint_child(void)
{
	any_roster();
	endpoint_child(&work, any_row(roster.endpointc));
	ASSERT(COUNTS && STATUSES);
}


void clear_endpoint_contract(struct roster *r, unsigned i)
{
	roster_remove_media(r, i);
}


void prove_clear_endpoint(void)
{
	any_roster();
	clear_endpoint(&roster, any_row(roster.endpointc));
	ASSERT(COUNTS && STATUSES);
}


/** Endpoints and media come and go */
void read_endpoint_contract(struct roster_work *w, unsigned user)
{
	ASSERT(user < w->r->userc);
	w->r->endpointc = nondet_u8();
	w->r->mediac = nondet_u8();
	ASSUME(COUNTS);
}


void prove_read_endpoint(void)
{
	uint8_t userc;

	any_roster();
	userc = roster.userc;
	read_endpoint(&work, any_row(userc));
	ASSERT(COUNTS && STATUSES && roster.userc == userc);
}


void read_roles_contract(struct roster_work *w, struct roster_user *u)
{
	(void)w;
	ASSERT(__CPROVER_w_ok(u, sizeof(*u)));
}


void prove_read_roles(void)
{
	any_roster();
	read_roles(&work, &roster.userv[any_row(UE_ROSTER_USERS)]);
}


void user_child_contract(struct roster_work *w, unsigned i)
{
	read_endpoint_contract(w, i);
}


void prove_user_child(void)
{
	any_roster();
	user_child(&work, any_row(roster.userc));
	ASSERT(COUNTS && STATUSES);
}


void prove_read_user(void)
{
	any_roster();
	read_user(&work);
	ASSERT(COUNTS && STATUSES);
}


void old_status_contract(struct roster_work *w, struct roster_endpoint *e)
{
	(void)w;
	e->status = any_row(COUNT(statusv));
}


void prove_old_status(void)
{
	struct roster_endpoint e;

	any_roster();
	old_status(&work, &e);
	ASSERT(e.status < COUNT(statusv) && e.leaving < COUNT(leavingv));
}


void old_media_contract(struct roster_work *w, unsigned endpoint)
{
	read_media_contract(w, endpoint);
}


void prove_old_media(void)
{
	any_roster();
	old_media(&work, any_row(roster.endpointc));
	ASSERT(COUNTS);
}


void prove_old_user(void)
{
	any_roster();
	old_user(&work);
	ASSERT(COUNTS && STATUSES);
}


void prove_roster_user_status(void)
{
	any_roster();
	(void)roster_user_status(&roster, any_row(UE_ROSTER_USERS));
}

/**
 * @file roster.c  Conference-info documents (RFC 4575): reading them into a
 * roster
 *
 * A document is read twice: first only to see that it is well-formed, so that
 * one that is not changes nothing.  The second time there are no errors.
 */
#include <errno.h>
#include <string.h>
#include "ue/services/roster_table.h"

#define NS "urn:ietf:params:xml:ns:conference-info"

/** RFC 4575 4.4, attribute `state` */
enum state {
	STATE_FULL = 0,
	STATE_PARTIAL,
	STATE_DELETED
};

static const char *const statev[] = {"full", "partial", "deleted"};

static const char *const statusv[] = {
	"", "pending", "dialing-out", "dialing-in", "alerting", "on-hold",
	"connected", "muted-via-focus", "disconnecting", "disconnected"
};

static const char *const joiningv[] = {
	"", "dialed-in", "dialed-out", "focus-owner"
};

static const char *const leavingv[] = {
	"", "departed", "booted", "failed", "busy"
};

static const char *const mediav[] = {
	"", "recvonly", "sendonly", "sendrecv", "inactive"
};

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

const char *roster_status_name(enum roster_status status)
{
	return (unsigned)status < COUNT(statusv) ? statusv[status] : "";
}


const char *roster_joining_name(enum roster_joining joining)
{
	return (unsigned)joining < COUNT(joiningv) ? joiningv[joining] : "";
}


const char *roster_leaving_name(enum roster_leaving leaving)
{
	return (unsigned)leaving < COUNT(leavingv) ? leavingv[leaving] : "";
}


const char *roster_media_status_name(enum roster_media_status status)
{
	return (unsigned)status < COUNT(mediav) ? mediav[status] : "";
}


/* ------------------------------------------------------------------ */
/* Values */


static uint8_t number_of(const char *text, const char *const *namev,
			 size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!strcmp(text, namev[i]))
			return (uint8_t)i;
	}

	return 0;
}


/* The element's text into work->text; a text that does not fit is left out */
static void element_text(struct roster_work *work)
{
	if (xml_text(work->text, sizeof(work->text), &work->xml))
		work->r->truncated = true;
}


static void store_text(uint16_t *offset, struct roster_work *work)
{
	element_text(work);
	if (roster_put(work->r, offset, work->text))
		*offset = 0;
}


static void store_name(uint8_t *number, struct roster_work *work,
		       const char *const *namev, size_t count)
{
	element_text(work);
	*number = number_of(work->text, namev, count);
}


/* xs:boolean */
static void store_bool(bool *val, struct roster_work *work)
{
	element_text(work);
	*val = !strcmp(work->text, "true") || !strcmp(work->text, "1");
}


/* RFC 4575 4.4: full where none is given */
static enum state attr_state(const struct xml *x)
{
	struct pl val;
	unsigned i;

	if (xml_attr(&val, x, "state"))
		return STATE_FULL;

	for (i = 0; i < COUNT(statev); i++) {
		if (!pl_strcmp(&val, statev[i]))
			return (enum state)i;
	}

	return STATE_FULL;
}


/* A key into work->text.  false: none, or too long to be kept */
static bool key(struct roster_work *work, const char *attr)
{
	const int err = xml_attr_str(work->text, sizeof(work->text),
				     &work->xml, attr);

	if (err == EOVERFLOW)
		work->r->truncated = true;

	return !err;
}


/* ------------------------------------------------------------------ */
/* user, endpoint, media (RFC 4575 5.6 to 5.8, 4.6) */


static void read_media(struct roster_work *work, unsigned endpoint)
{
	struct xml *x = &work->xml;
	const int i = key(work, "id") ?
		roster_media(work->r, endpoint, work->text, true) : -1;
	struct roster_media *m;

	if (i < 0) {
		(void)xml_skip(x);
		return;
	}

	/* s4.6 3.2: media has no state of its own: replaced as a whole */
	m = &work->r->mediav[i];
	m->type = 0;
	m->status = ROSTER_MEDIA_NONE;

	while (!xml_child(x)) {

		if (xml_is(x, NS, "type"))
			store_text(&m->type, work);
		else if (xml_is(x, NS, "status"))
			store_name(&m->status, work, mediav, COUNT(mediav));
		else
			(void)xml_skip(x);
	}
}


static void endpoint_child(struct roster_work *work, unsigned i)
{
	struct roster_endpoint *e = &work->r->endpointv[i];
	struct xml *x = &work->xml;

	if (xml_is(x, NS, "display-text"))
		store_text(&e->name, work);
	else if (xml_is(x, NS, "status"))
		store_name(&e->status, work, statusv, COUNT(statusv));
	else if (xml_is(x, NS, "joining-method"))
		store_name(&e->joining, work, joiningv, COUNT(joiningv));
	else if (xml_is(x, NS, "disconnection-method"))
		store_name(&e->leaving, work, leavingv, COUNT(leavingv));
	else if (xml_is(x, NS, "media"))
		read_media(work, i);
	else
		(void)xml_skip(x);
}


/* A row flushed for full state */
static void clear_endpoint(struct roster *r, unsigned i)
{
	struct roster_endpoint *e = &r->endpointv[i];

	roster_remove_media(r, i);
	e->name = 0;
	e->status = ROSTER_STATUS_NONE;
	e->joining = ROSTER_JOINING_NONE;
	e->leaving = ROSTER_LEAVING_NONE;
}


static void read_endpoint(struct roster_work *work, unsigned user)
{
	struct xml *x = &work->xml;
	const enum state state = attr_state(x);
	const int i = key(work, "entity") ?
		roster_endpoint(work->r, user, work->text,
				state != STATE_DELETED) : -1;

	if (i >= 0 && state == STATE_DELETED)
		roster_remove_endpoint(work->r, (unsigned)i);
	if (i < 0 || state == STATE_DELETED) {
		(void)xml_skip(x);
		return;
	}

	if (state == STATE_FULL)
		clear_endpoint(work->r, (unsigned)i);

	while (!xml_child(x))
		endpoint_child(work, (unsigned)i);
}


/* Entries of roles into one string, separated by blanks */
static void read_roles(struct roster_work *work, struct roster_user *u)
{
	struct xml *x = &work->xml;
	char roles[64] = "";
	size_t pos = 0, len;

	while (!xml_child(x)) {

		if (!xml_is(x, NS, "entry")) {
			(void)xml_skip(x);
			continue;
		}
		element_text(work);
		len = strlen(work->text);
		if (len + 2 > sizeof(roles) - pos) {
			work->r->truncated = true;
			continue;
		}
		if (pos && len)
			roles[pos++] = ' ';
		memcpy(roles + pos, work->text, len + 1);
		pos += len;
	}

	if (roster_put(work->r, &u->roles, roles))
		u->roles = 0;
}


static void user_child(struct roster_work *work, unsigned i)
{
	struct roster_user *u = &work->r->userv[i];
	struct xml *x = &work->xml;

	if (xml_is(x, NS, "display-text"))
		store_text(&u->name, work);
	else if (xml_is(x, NS, "roles"))
		read_roles(work, u);
	else if (xml_is(x, NS, "endpoint"))
		read_endpoint(work, i);
	else
		(void)xml_skip(x);
}


static void read_user(struct roster_work *work)
{
	struct xml *x = &work->xml;
	const enum state state = attr_state(x);
	const int i = key(work, "entity") ?
		roster_user(work->r, work->text, state != STATE_DELETED) : -1;

	if (i >= 0 && state == STATE_DELETED)
		roster_remove_user(work->r, (unsigned)i);
	if (i < 0 || state == STATE_DELETED) {
		(void)xml_skip(x);
		return;
	}

	if (state == STATE_FULL) {
		roster_remove_endpoints(work->r, (unsigned)i);
		work->r->userv[i].name = 0;
		work->r->userv[i].roles = 0;
	}

	while (!xml_child(x))
		user_child(work, (unsigned)i);
}


/* ------------------------------------------------------------------ */
/* The form of draft-ietf-sipping-conference-package-00: user elements with
   attributes right below conference-info */


static void old_status(struct roster_work *work, struct roster_endpoint *e)
{
	element_text(work);
	e->status = number_of(work->text, statusv, COUNT(statusv));
	e->leaving = number_of(work->text, leavingv, COUNT(leavingv));
	if (e->leaving)
		e->status = ROSTER_DISCONNECTED;
	else if (!strcmp(work->text, "active"))
		e->status = ROSTER_CONNECTED;
}


static void old_media(struct roster_work *work, unsigned endpoint)
{
	struct xml *x = &work->xml;
	int i;

	while (!xml_child(x)) {

		if (xml_is(x, NS, "media-stream") && key(work, "media-type")) {
			i = roster_media(work->r, endpoint, work->text, true);
			if (i >= 0)
				work->r->mediav[i].type =
					work->r->mediav[i].id;
		}
		(void)xml_skip(x);
	}
}


static void old_user(struct roster_work *work)
{
	struct roster *r = work->r;
	struct xml *x = &work->xml;
	int user, endpoint = -1;

	user = key(work, "uri") ? roster_user(r, work->text, true) : -1;
	if (user >= 0) {
		endpoint = roster_endpoint(r, (unsigned)user, work->text,
					   true);
		if (key(work, "display-name"))
			(void)roster_put(r, &r->userv[user].name, work->text);
	}
	if (endpoint < 0) {
		(void)xml_skip(x);
		return;
	}

	clear_endpoint(r, (unsigned)endpoint);

	while (!xml_child(x)) {

		if (xml_is(x, NS, "status"))
			old_status(work, &r->endpointv[endpoint]);
		else if (xml_is(x, NS, "media-status"))
			old_media(work, (unsigned)endpoint);
		else
			(void)xml_skip(x);
	}
}


/* ------------------------------------------------------------------ */
/* conference-info and what is right below it */


static void read_users(struct roster_work *work)
{
	struct xml *x = &work->xml;
	const enum state state = attr_state(x);

	if (state != STATE_PARTIAL)
		roster_remove_users(work->r);
	if (state == STATE_DELETED) {
		(void)xml_skip(x);
		return;
	}

	while (!xml_child(x)) {
		if (xml_is(x, NS, "user"))
			read_user(work);
		else
			(void)xml_skip(x);
	}
}


/* RFC 4575 5.5; without a state of its own: replaced as a whole */
static void read_conference_state(struct roster_work *work)
{
	struct roster *r = work->r;
	struct xml *x = &work->xml;
	struct pl pl;

	r->count_set = false;
	r->user_count = 0;
	r->active = false;
	r->locked = false;

	while (!xml_child(x)) {

		if (xml_is(x, NS, "user-count")) {
			element_text(work);
			pl_set_str(&pl, work->text);
			r->count_set = pl.l && pl.l < 10 &&
				strspn(work->text, "0123456789") == pl.l;
			r->user_count = r->count_set ? pl_u32(&pl) : 0;
		}
		else if (xml_is(x, NS, "active")) {
			store_bool(&r->active, work);
		}
		else if (xml_is(x, NS, "locked")) {
			store_bool(&r->locked, work);
		}
		else {
			(void)xml_skip(x);
		}
	}
}


/* RFC 4575 5.3 */
static void read_description(struct roster_work *work)
{
	struct roster *r = work->r;
	struct xml *x = &work->xml;

	r->subject = 0;
	r->name = 0;

	while (!xml_child(x)) {

		if (xml_is(x, NS, "subject"))
			store_text(&r->subject, work);
		else if (xml_is(x, NS, "display-text"))
			store_text(&r->name, work);
		else
			(void)xml_skip(x);
	}
}


static void read_conference(struct roster_work *work)
{
	struct xml *x = &work->xml;

	while (!xml_child(x)) {

		if (xml_is(x, NS, "users"))
			read_users(work);
		else if (xml_is(x, NS, "conference-state"))
			read_conference_state(work);
		else if (xml_is(x, NS, "conference-description"))
			read_description(work);
		else if (xml_is(x, NS, "user"))
			old_user(work);
		else
			(void)xml_skip(x);
	}
}


static int root(struct xml *x, const char *buf, size_t len)
{
	int err;

	xml_init(x, buf, len);
	err = xml_next(x);
	if (err)
		return err;

	return xml_is(x, NS, "conference-info") ? 0 : EBADMSG;
}


/* The root's attributes, and is all of it well-formed? */
static int check(uint32_t *version, enum state *state, struct xml *x,
		 const char *buf, size_t len)
{
	int err;

	err = root(x, buf, len);
	if (err)
		return err;

	/* RFC 4575 5.1: a version must be there */
	if (xml_attr_u32(version, x, "version"))
		return EBADMSG;

	*state = attr_state(x);

	while (!err && x->type != XML_EOF)
		err = xml_next(x);

	return err;
}


void roster_restart(struct roster *r)
{
	r->version_set = false;
}


int roster_update(struct roster *r, enum roster_result *result,
		  struct roster_work *work, const char *buf, size_t len)
{
	struct xml *x = &work->xml;
	enum state state = STATE_FULL;
	uint32_t version;
	int err;

	work->r = r;

	err = check(&version, &state, x, buf, len);
	if (err)
		return err;

	/* s4.6; the first one is full (s4.5) */
	if (r->version_set && version <= r->version) {
		*result = ROSTER_OLD;
		return 0;
	}
	if (state == STATE_PARTIAL &&
	    (!r->version_set || version - r->version > 1)) {
		*result = ROSTER_GAP;
		return 0;
	}

	if (state != STATE_PARTIAL)
		roster_clear(r);

	r->version = version;
	r->version_set = true;
	r->deleted = state == STATE_DELETED;
	*result = ROSTER_APPLIED;

	(void)root(x, buf, len);
	if (!key(work, "entity") || roster_put(r, &r->entity, work->text))
		r->entity = 0;

	read_conference(work);

	return 0;
}


/* ------------------------------------------------------------------ */


enum roster_status roster_user_status(const struct roster *r, unsigned user)
{
	static const uint8_t orderv[] = {
		[ROSTER_STATUS_NONE]     = 0,
		[ROSTER_DISCONNECTED]    = 1,
		[ROSTER_DISCONNECTING]   = 2,
		[ROSTER_PENDING]         = 3,
		[ROSTER_DIALING_OUT]     = 4,
		[ROSTER_DIALING_IN]      = 5,
		[ROSTER_ALERTING]        = 6,
		[ROSTER_MUTED_VIA_FOCUS] = 7,
		[ROSTER_ON_HOLD]         = 8,
		[ROSTER_CONNECTED]       = 9,
	};
	uint8_t best = ROSTER_STATUS_NONE;
	unsigned i;

	for (i = 0; i < r->endpointc; i++) {

		const struct roster_endpoint *e = &r->endpointv[i];

		if (e->user == user && orderv[e->status] > orderv[best])
			best = e->status;
	}

	return (enum roster_status)best;
}

/**
 * @file dialog.c  SIP dialogs (RFC 3261 12, RFC 6665 4.4)
 *
 *   state      event        action                              next
 *   ---------------------------------------------------------------------
 *   NONE       init         -                                   CALLING
 *              accept       target, routes (12.1.1)             EARLY*
 *   CALLING    1xx          target, routes (12.1.2)             EARLY
 *              2xx          target, routes                      CONFIRMED
 *              other 1xx    target, routes                      EARLY
 *              other 2xx    target, routes                      CONFIRMED
 *              request      target, routes (RFC 6665 4.4.1)     EARLY
 *              old request  target, routes                      EARLY
 *   EARLY      2xx          target, routes (13.2.2.4)           CONFIRMED
 *   CONFIRMED  2xx          target (12.2.1.2)                   -
 *   EARLY,     other 1xx    refused (a fork)                    -
 *   CONFIRMED  other 2xx    refused                             -
 *              1xx no tag   refused                             -
 *   EARLY(*),  accepted     target (RFC 6141 4.6, 4.7)          -
 *   CONFIRMED  old request  refused                             -
 *   any        close        -                                   NONE
 *
 * EARLY*: of a UAS; its user makes it CONFIRMED.  other: with another To tag;
 * 1xx: with a tag; request: with a Contact, INVITE or UPDATE (others change
 * the target at once, 12.2.2); old: by its CSeq; accepted:
 * sip_dialog_target().  Any other pair of state and event: nothing.
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/core.h"
#include "ue/sip/dialog.h"

/** Digits of a Call-ID and of a tag of ours: 64 and 32 random bits at least
 *  (RFC 3261 19.3, 8.1.1.4) */
#define CALL_ID_LEN 24
#define TAG_LEN 12


/** What must stay free of the store for messages in the dialog */
#define LEAVE 1024


/* What a peer or its proxies choose lies in the store as it is: a limit only
   keeps one dialog from taking all of that */
#define URI_MAX 512

static const uint16_t maxv[SIP_DIALOG_TEXTS] = {
	UE_CALL_ID_MAX, UE_TAG_MAX, UE_TAG_MAX, URI_MAX, URI_MAX, URI_MAX,
	UE_ROUTES_MAX + 1152
};


const char *sip_dialog_text(const struct sip_dialog *dlg,
			    enum sip_dialog_text which)
{
	const char *p = dlg->text.head
		? sip_store_ptr(&dlg->sip->store, &dlg->text) : NULL;
	unsigned i;

	if (!p)
		return "";

	for (i = 0; i < which; i++)
		p += strlen(p) + 1;

	return p;
}


static bool is_text(const char *str, const struct pl *pl)
{
	const size_t len = strlen(str);

	return len == (pl->p ? pl->l : 0) &&
		(!len || !memcmp(str, pl->p, len));
}


static bool is(const struct sip_dialog *dlg, enum sip_dialog_text which,
	       const struct pl *pl)
{
	return is_text(sip_dialog_text(dlg, which), pl);
}


/* ------------------------------------------------------------------ */
/* Route sets */


static int record_route_next(struct pl *uri, struct sip_iter *it)
{
	struct sip_addr addr;
	int err;

	err = sip_iter_addr(&addr, it);
	if (!err)
		*uri = addr.uri.text;

	return err;
}


/* How long is the route set, and can it be read? */
static int route_check(size_t *len, const struct sip_msg *msg)
{
	struct sip_iter it;
	struct pl uri;
	size_t n = 0;
	int err;

	sip_iter_init(&it, msg, SIP_HDR_RECORD_ROUTE);
	while (!(err = record_route_next(&uri, &it)))
		n += (n ? 2 : 0) + uri.l + 2;

	if (err != ENOENT)
		return err;

	*len = n;

	return 0;
}


static char *put_route(char *p, const struct pl *uri)
{
	*p++ = '<';
	memcpy(p, uri->p, uri->l);
	p += uri->l;
	*p++ = '>';

	return p;
}


/* RFC 3261 s12.1.1: a UAS takes the Record-Route in order, s12.1.2: a UAC in
   reverse order.  route_check() was good and told the length */
static void route_set(char *routes, size_t len, const struct sip_msg *msg,
		      bool reverse)
{
	struct sip_iter it;
	struct pl uri;
	char *head = routes, *tail = routes + len;

	sip_iter_init(&it, msg, SIP_HDR_RECORD_ROUTE);
	while (!record_route_next(&uri, &it)) {

		if (reverse) {
			tail -= uri.l + 2;
			(void)put_route(tail, &uri);
			if (tail != routes) {
				tail -= 2;
				memcpy(tail, ", ", 2);
			}
		}
		else {
			head = put_route(head, &uri);
			if (head != tail) {
				memcpy(head, ", ", 2);
				head += 2;
			}
		}
	}
}


/* ------------------------------------------------------------------ */
/* Texts */


/* What is to become of the texts */
struct change {
	struct pl v[SIP_DIALOG_TEXTS];  /* p NULL: as it was             */
	const struct sip_msg *routes;   /* NULL: as in v                 */
	bool reverse;
	bool fork;                      /* the target is the remote URI  */
};


/* The text that stays, or takes its place */
static const char *old_text(const struct sip_dialog *old,
			    const struct change *ch, int i)
{
	return sip_dialog_text(old, ch->fork && i == SIP_DIALOG_REMOTE_TARGET
			       ? SIP_DIALOG_REMOTE_URI
			       : (enum sip_dialog_text)i);
}


static size_t new_len(const struct sip_dialog *old, const struct change *ch,
		      int i)
{
	if (ch->v[i].p || (i == SIP_DIALOG_ROUTES && ch->routes))
		return ch->v[i].l;

	return strlen(old_text(old, ch, i));
}


/**
 * Write the texts anew, but for a new route set, which write_routes() puts
 * into its place
 *
 * @param dlg  Dialog; its old texts are given back
 * @param old  Where those come from that stay: dlg or another one
 * @param ch   Must not point into the store, but to what is pinned
 */
static int write_texts(struct sip_dialog *dlg, const struct sip_dialog *old,
		       const struct change *ch)
{
	struct sip_store *st = &dlg->sip->store;
	struct sip_stored fresh = {0, 0, 0};
	size_t len, total = 0;
	char *p;
	int i, err;

	for (i = 0; i < SIP_DIALOG_TEXTS; i++) {
		len = new_len(old, ch, i);
		if (len >= maxv[i])
			return EOVERFLOW;
		total += len + 1;
	}

	err = sip_store_alloc(&fresh, st, total, LEAVE);
	if (err)
		return err;

	p = sip_store_ptr(st, &fresh);
	for (i = 0; i < SIP_DIALOG_TEXTS; i++) {

		len = new_len(old, ch, i);
		if (i != SIP_DIALOG_ROUTES || !ch->routes)
			memcpy(p, ch->v[i].p ? ch->v[i].p
			       : old_text(old, ch, i), len);
		p += len;
		*p++ = '\0';
	}

	sip_store_free(st, &dlg->text);
	dlg->text = fresh;

	return 0;
}


static void write_routes(struct sip_dialog *dlg, const struct change *ch)
{
	const size_t len = ch->v[SIP_DIALOG_ROUTES].l;
	char *p = sip_store_ptr(&dlg->sip->store, &dlg->text);

	if (ch->routes)
		route_set(p + dlg->text.len - 1 - len, len, ch->routes,
			  ch->reverse);
}


static int set_routes(struct change *ch, const struct sip_msg *msg,
		      bool reverse)
{
	ch->routes = msg;
	ch->reverse = reverse;

	return route_check(&ch->v[SIP_DIALOG_ROUTES].l, msg);
}


static void set_text(struct change *ch, enum sip_dialog_text which,
		     const char *str)
{
	pl_set_str(&ch->v[which], str);
}


static void set_pl(struct change *ch, enum sip_dialog_text which,
		   const struct pl *pl)
{
	ch->v[which].p = pl->p ? pl->p : "";
	ch->v[which].l = pl->p ? pl->l : 0;
}


/* ------------------------------------------------------------------ */
/* Begin */


void sip_dialog_close(struct sip_dialog *dlg)
{
	if (dlg->text.head)
		sip_store_free(&dlg->sip->store, &dlg->text);
	memset(dlg, 0, sizeof(*dlg));
}


int sip_dialog_init(struct sip_dialog *dlg, struct sip *sip,
		    struct sip_hop *hop, const char *local,
		    const char *remote, const char *routes)
{
	char call_id[CALL_ID_LEN + 1], tag[TAG_LEN + 1];
	struct change ch;
	int err;

	sip_dialog_close(dlg);

	err = sip_random_hex(sip, call_id, sizeof(call_id));
	if (!err)
		err = sip_random_hex(sip, tag, sizeof(tag));
	if (err)
		return err;

	memset(&ch, 0, sizeof(ch));
	set_text(&ch, SIP_DIALOG_CALL_ID, call_id);
	set_text(&ch, SIP_DIALOG_LOCAL_TAG, tag);
	set_text(&ch, SIP_DIALOG_LOCAL_URI, local);
	set_text(&ch, SIP_DIALOG_REMOTE_URI, remote);
	set_text(&ch, SIP_DIALOG_REMOTE_TARGET, remote);
	set_text(&ch, SIP_DIALOG_ROUTES, routes ? routes : "");

	dlg->sip = sip;
	err = write_texts(dlg, dlg, &ch);
	if (err) {
		sip_dialog_close(dlg);
		return err;
	}

	dlg->state = SIP_DIALOG_CALLING;
	dlg->hop   = hop;
	dlg->uac   = true;

	return 0;
}


/* The Contact that becomes the remote target.  ENOENT: none */
static int contact(struct pl *uri, const struct sip_msg *msg)
{
	struct sip_addr addr;
	int err;

	err = sip_msg_addr(&addr, msg, SIP_HDR_CONTACT);
	if (err)
		return err;

	/* `*` is no target */
	if (!addr.uri.text.p)
		return EBADMSG;

	if (addr.uri.text.l >= URI_MAX)
		return EOVERFLOW;

	*uri = addr.uri.text;

	return 0;
}


/* RFC 3261 s12.1.1 */
int sip_dialog_accept(struct sip_dialog *dlg, const struct sip_strans *st,
		      struct sip_hop *hop, const struct sip_msg *req)
{
	char tag[9];
	struct change ch;
	int err;

	sip_dialog_close(dlg);
	memset(&ch, 0, sizeof(ch));

	err = contact(&ch.v[SIP_DIALOG_REMOTE_TARGET], req);
	if (err)
		return err == ENOENT ? EBADMSG : err;

	set_pl(&ch, SIP_DIALOG_CALL_ID, &req->call_id);
	set_text(&ch, SIP_DIALOG_LOCAL_TAG, sip_hex32(tag, st->tag));
	set_pl(&ch, SIP_DIALOG_REMOTE_TAG, &req->from_tag);
	set_pl(&ch, SIP_DIALOG_LOCAL_URI, &req->to.uri.text);
	set_pl(&ch, SIP_DIALOG_REMOTE_URI, &req->from.uri.text);

	dlg->sip = st->sip;
	err = set_routes(&ch, req, false);
	if (!err)
		err = write_texts(dlg, dlg, &ch);
	if (err) {
		sip_dialog_close(dlg);
		return err;
	}

	write_routes(dlg, &ch);
	dlg->remote_cseq = req->cseq;
	dlg->remote_cseq_set = true;
	dlg->state = SIP_DIALOG_EARLY;
	dlg->hop   = hop;

	return 0;
}


/* ------------------------------------------------------------------ */
/* Received messages */


/* RFC 3261 s12.2, RFC 3311, RFC 6665 s4.4.1, RFC 3515: target refresh */
static bool refreshes_target(const struct sip_msg *msg)
{
	switch (msg->method) {

	case SIP_METHOD_INVITE:
	case SIP_METHOD_UPDATE:
	case SIP_METHOD_SUBSCRIBE:
	case SIP_METHOD_NOTIFY:
	case SIP_METHOD_REFER:
		return true;

	default:
		return false;
	}
}


static bool makes_dialog(const struct sip_msg *msg)
{
	return msg->method == SIP_METHOD_INVITE ||
		msg->method == SIP_METHOD_SUBSCRIBE ||
		msg->method == SIP_METHOD_REFER;
}


/* A new remote target, unless it is the one that there is */
static void set_target(struct change *ch, const struct sip_dialog *dlg,
		       const struct pl *uri)
{
	if (!is(dlg, SIP_DIALOG_REMOTE_TARGET, uri))
		set_pl(ch, SIP_DIALOG_REMOTE_TARGET, uri);
}


static int change_texts(struct sip_dialog *dlg, const struct change *ch)
{
	int err;

	if (!ch->v[SIP_DIALOG_REMOTE_TAG].p &&
	    !ch->v[SIP_DIALOG_REMOTE_TARGET].p && !ch->routes)
		return 0;

	err = write_texts(dlg, dlg, ch);
	if (!err)
		write_routes(dlg, ch);

	return err;
}


/* What a response changes: RFC 3261 s12.1.2, s13.2.2.4, s12.2.1.2 */
static int find_changes(struct change *ch, const struct sip_dialog *dlg,
			const struct sip_msg *msg)
{
	const bool final = msg->code >= 200;
	const bool first = dlg->state == SIP_DIALOG_CALLING;
	struct pl uri;
	int err;

	memset(ch, 0, sizeof(*ch));

	if (!refreshes_target(msg))
		return 0;

	err = contact(&uri, msg);
	if (err && err != ENOENT)
		return err;

	/* s12.1.1: a 2xx that makes a dialog has a Contact.  Without one in a
	   provisional response the first target stays */
	if (err && first && final)
		return EBADMSG;

	if (!err && (first || final))
		set_target(ch, dlg, &uri);
	if (first)
		set_pl(ch, SIP_DIALOG_REMOTE_TAG, &msg->to_tag);

	/* s13.2.2.4: the 2xx computes an early dialog's route set again; where
	   a NOTIFY made the dialog (RFC 6665 s4.4.1) only if a proxy forgot
	   Record-Route in it (s4.3), else there is no way back */
	if (first || (dlg->state == SIP_DIALOG_EARLY && final && dlg->uac &&
		      (msg->method == SIP_METHOD_INVITE ||
		       !sip_dialog_text(dlg, SIP_DIALOG_ROUTES)[0])))
		return set_routes(ch, msg, true);

	return 0;
}


int sip_dialog_response(struct sip_dialog *dlg, const struct sip_msg *msg)
{
	struct change ch;
	int err;

	if (!is(dlg, SIP_DIALOG_CALL_ID, &msg->call_id) ||
	    !is(dlg, SIP_DIALOG_LOCAL_TAG, &msg->from_tag))
		return EPROTO;

	if (msg->code == 100 || msg->code >= 300)
		return 0;

	if (dlg->state == SIP_DIALOG_CALLING) {
		/* without a tag a provisional response makes no dialog */
		if (!makes_dialog(msg) || (!msg->to_tag.p && msg->code < 200))
			return 0;
	}
	else if (!is(dlg, SIP_DIALOG_REMOTE_TAG, &msg->to_tag)) {
		return EPROTO;
	}

	err = find_changes(&ch, dlg, msg);
	if (!err)
		err = change_texts(dlg, &ch);
	if (err)
		return err;

	if (msg->code >= 200 && makes_dialog(msg))
		dlg->state = SIP_DIALOG_CONFIRMED;
	else if (dlg->state == SIP_DIALOG_CALLING)
		dlg->state = SIP_DIALOG_EARLY;

	return 0;
}


int sip_dialog_fork(struct sip_dialog *dlg, const struct sip_dialog *first,
		    const struct sip_msg *msg)
{
	struct change ch;
	int err;

	if (dlg != first) {
		*dlg = *first;
		memset(&dlg->text, 0, sizeof(dlg->text));
	}
	dlg->state = SIP_DIALOG_CALLING;
	dlg->remote_cseq_set = false;
	dlg->remote_cseq = 0;
	/* the requests inside the first dialog are not this one's */
	if (dlg->invite_cseq)
		dlg->local_cseq = dlg->invite_cseq;

	memset(&ch, 0, sizeof(ch));
	ch.fork = true;
	set_text(&ch, SIP_DIALOG_REMOTE_TAG, "");
	err = write_texts(dlg, first, &ch);
	if (!err)
		err = sip_dialog_response(dlg, msg);
	if (!err && dlg->state == SIP_DIALOG_CALLING)
		err = EPROTO;
	if (err)
		sip_dialog_close(dlg);

	return err;
}


int sip_dialog_target(struct sip_dialog *dlg, const struct sip_msg *msg)
{
	struct change ch;
	struct pl target;

	memset(&ch, 0, sizeof(ch));
	if (dlg->state >= SIP_DIALOG_EARLY && !contact(&target, msg))
		set_target(&ch, dlg, &target);

	return change_texts(dlg, &ch);
}


int sip_dialog_request(struct sip_dialog *dlg, const struct sip_msg *msg)
{
	const bool first = dlg->state == SIP_DIALOG_CALLING;
	struct change ch;
	struct pl target;
	bool refresh = false;
	int err;

	/* RFC 3261 s12.2.2; the ACK has the CSeq of the INVITE */
	if (dlg->remote_cseq_set && msg->cseq < dlg->remote_cseq &&
	    msg->method != SIP_METHOD_ACK)
		return EPROTO;

	memset(&ch, 0, sizeof(ch));
	if (refreshes_target(msg)) {
		err = contact(&target, msg);
		if (err && err != ENOENT)
			return err;
		refresh = !err;
	}
	/* RFC 6141 s4.6: not by one that will be refused */
	if (refresh && msg->method != SIP_METHOD_INVITE &&
	    msg->method != SIP_METHOD_UPDATE)
		set_target(&ch, dlg, &target);

	/* RFC 6665 s4.4.1: the NOTIFY comes before the 200 and makes the
	   dialog */
	if (first) {
		if (!refresh)
			return EBADMSG;
		set_pl(&ch, SIP_DIALOG_REMOTE_TAG, &msg->from_tag);
		err = set_routes(&ch, msg, false);
		if (err)
			return err;
	}

	err = change_texts(dlg, &ch);
	if (err)
		return err;

	if (first)
		dlg->state = SIP_DIALOG_EARLY;
	if (msg->method != SIP_METHOD_ACK) {
		dlg->remote_cseq = msg->cseq;
		dlg->remote_cseq_set = true;
	}

	return 0;
}


/* RFC 3261 s12: Call-ID, local tag, remote tag */
bool sip_dialog_match(const struct sip_dialog *dlg,
		      const struct sip_msg *msg)
{
	const struct pl *local = msg->request ? &msg->to_tag : &msg->from_tag;
	const struct pl *remote = msg->request ? &msg->from_tag
		: &msg->to_tag;

	if (dlg->state == SIP_DIALOG_NONE ||
	    !is(dlg, SIP_DIALOG_CALL_ID, &msg->call_id) ||
	    !is(dlg, SIP_DIALOG_LOCAL_TAG, local))
		return false;

	return dlg->state == SIP_DIALOG_CALLING ||
		is(dlg, SIP_DIALOG_REMOTE_TAG, remote);
}


/* ------------------------------------------------------------------ */
/* Requests to send */


/* The first URI of the route set, and what follows it */
static bool first_route(struct pl *uri, struct pl *rest, const char *routes)
{
	const char *end = strchr(routes, '>');

	if (routes[0] != '<' || !end)
		return false;

	uri->p = routes + 1;
	uri->l = (size_t)(end - uri->p);

	rest->p = end + 1;
	if (rest->p[0] == ',')
		++rest->p;
	while (rest->p[0] == ' ')
		++rest->p;
	rest->l = strlen(rest->p);

	return true;
}


/* RFC 3261 s12.2.1.1: what may not be in a Request-URI is left out: header
   fields; a method parameter a strict router does not put in */
static void strip_headers(struct pl *uri)
{
	const char *q = memchr(uri->p, '?', uri->l);

	if (q)
		uri->l = (size_t)(q - uri->p);
}


static uint32_t next_cseq(struct sip_dialog *dlg, const char *method)
{
	/* RFC 3261 s13.2.2.4 */
	if (!strcmp(method, "ACK"))
		return dlg->invite_cseq;

	++dlg->local_cseq;
	if (!strcmp(method, "INVITE"))
		dlg->invite_cseq = dlg->local_cseq;

	return dlg->local_cseq;
}


struct sip_writer *sip_dialog_begin(struct sip_dialog *dlg,
				    struct sip *sip, const char *method)
{
	struct pl target, uri, rest;
	struct sip_uri first;
	const char *routes = sip_dialog_text(dlg, SIP_DIALOG_ROUTES);
	const char *tag = sip_dialog_text(dlg, SIP_DIALOG_REMOTE_TAG);
	struct sip_writer *w;
	bool routed, strict = false;

	pl_set_str(&target, sip_dialog_text(dlg, SIP_DIALOG_REMOTE_TARGET));
	routed = first_route(&uri, &rest, routes);
	if (routed && !sip_uri_decode(&first, &uri))
		strict = sip_uri_param(NULL, &first, "lr") != 0;

	/* RFC 3261 s12.2.1.1 */
	if (strict) {
		strip_headers(&uri);
		w = sip_request_begin(sip, dlg->hop, method, &uri);
		if (rest.l)
			sip_writer_hdr(w, SIP_HDR_ROUTE, "%r, <%r>", &rest,
				       &target);
		else
			sip_writer_hdr(w, SIP_HDR_ROUTE, "<%r>", &target);
	}
	else {
		w = sip_request_begin(sip, dlg->hop, method, &target);
		if (routed)
			sip_writer_hdr(w, SIP_HDR_ROUTE, "%s", routes);
	}

	sip_writer_hdr(w, SIP_HDR_FROM, "<%s>;tag=%s",
		       sip_dialog_text(dlg, SIP_DIALOG_LOCAL_URI),
		       sip_dialog_text(dlg, SIP_DIALOG_LOCAL_TAG));
	sip_writer_hdr(w, SIP_HDR_TO, "<%s>%s%s",
		       sip_dialog_text(dlg, SIP_DIALOG_REMOTE_URI),
		       tag[0] ? ";tag=" : "", tag);
	sip_writer_hdr(w, SIP_HDR_CALL_ID, "%s",
		       sip_dialog_text(dlg, SIP_DIALOG_CALL_ID));
	sip_writer_hdr(w, SIP_HDR_CSEQ, "%u %s", next_cseq(dlg, method),
		       method);

	return w;
}

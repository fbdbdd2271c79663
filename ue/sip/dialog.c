/**
 * @file dialog.c  SIP dialogs (RFC 3261 12, RFC 6665 4.4)
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/core.h"
#include "ue/sip/dialog.h"

/** Digits of a Call-ID and of a tag of ours: 64 and 32 random bits at least
 *  (RFC 3261 19.3, 8.1.1.4) */
#define CALL_ID_LEN 24
#define TAG_LEN 12


static int copy(char *dst, size_t size, const struct pl *src)
{
	const size_t len = src->p ? src->l : 0;

	if (len >= size)
		return EOVERFLOW;

	if (len)
		memcpy(dst, src->p, len);
	dst[len] = '\0';

	return 0;
}


static int copy_str(char *dst, size_t size, const char *src)
{
	struct pl pl;

	pl_set_str(&pl, src);

	return copy(dst, size, &pl);
}


static bool is_text(const char *str, const struct pl *pl)
{
	const size_t len = strlen(str);

	return len == (pl->p ? pl->l : 0) &&
		(!len || !memcmp(str, pl->p, len));
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


/* Does the route set fit, and can it be read?  size: with the zero */
static int route_check(size_t *size, const struct sip_msg *msg)
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

	if (n >= UE_ROUTES_MAX)
		return EOVERFLOW;

	*size = n + 1;

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
   reverse order.  route_check() was good and told the size */
static void route_set(char *routes, size_t size, const struct sip_msg *msg,
		      bool reverse)
{
	struct sip_iter it;
	struct pl uri;
	char *head = routes, *tail = routes + size - 1;

	*tail = '\0';

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
/* Begin */


void sip_dialog_close(struct sip_dialog *dlg)
{
	memset(dlg, 0, sizeof(*dlg));
}


int sip_dialog_init(struct sip_dialog *dlg, struct sip *sip,
		    struct sip_hop *hop, const char *local,
		    const char *remote, const char *routes)
{
	int err;

	sip_dialog_close(dlg);

	err = copy_str(dlg->local_uri, sizeof(dlg->local_uri), local);
	if (!err)
		err = copy_str(dlg->remote_uri, sizeof(dlg->remote_uri),
			       remote);
	if (!err)
		err = copy_str(dlg->remote_target,
			       sizeof(dlg->remote_target), remote);
	if (!err)
		err = copy_str(dlg->routes, sizeof(dlg->routes),
			       routes ? routes : "");
	if (!err)
		err = sip_random_hex(sip, dlg->call_id, CALL_ID_LEN + 1);
	if (!err)
		err = sip_random_hex(sip, dlg->local_tag, TAG_LEN + 1);

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

	if (addr.uri.text.l >= UE_URI_MAX)
		return EOVERFLOW;

	*uri = addr.uri.text;

	return 0;
}


/* RFC 3261 s12.1.1 */
int sip_dialog_accept(struct sip_dialog *dlg, struct sip *sip,
		      struct sip_hop *hop, const struct sip_msg *req)
{
	struct pl target;
	size_t size = 1;
	int err;

	sip_dialog_close(dlg);

	err = contact(&target, req);
	if (err)
		return err == ENOENT ? EBADMSG : err;

	err = route_check(&size, req);
	if (!err)
		err = copy(dlg->call_id, sizeof(dlg->call_id), &req->call_id);
	if (!err)
		err = copy(dlg->remote_tag, sizeof(dlg->remote_tag),
			   &req->from_tag);
	if (!err)
		err = copy(dlg->remote_uri, sizeof(dlg->remote_uri),
			   &req->from.uri.text);
	if (!err)
		err = copy(dlg->local_uri, sizeof(dlg->local_uri),
			   &req->to.uri.text);
	if (!err)
		err = sip_random_hex(sip, dlg->local_tag, TAG_LEN + 1);

	if (err) {
		sip_dialog_close(dlg);
		return err;
	}

	(void)copy(dlg->remote_target, sizeof(dlg->remote_target), &target);
	route_set(dlg->routes, size, req, false);
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


/* What a response changes */
struct change {
	bool tag;
	bool target;
	bool routes;
	size_t size;            /* of the route set */
	struct pl uri;
};


/* RFC 3261 s12.1.2, s13.2.2.4, s12.2.1.2 */
static int find_changes(struct change *ch, const struct sip_dialog *dlg,
			const struct sip_msg *msg)
{
	const bool final = msg->code >= 200;
	const bool first = dlg->state == SIP_DIALOG_CALLING;
	int err;

	memset(ch, 0, sizeof(*ch));

	if (!refreshes_target(msg))
		return 0;

	err = contact(&ch->uri, msg);
	if (err && err != ENOENT)
		return err;

	ch->target = !err;
	ch->tag = first;

	/* s12.1.1: a 2xx that makes a dialog has a Contact.  Without one in a
	   provisional response the first target stays */
	if (first && final && !ch->target)
		return EBADMSG;

	/* s13.2.2.4: the 2xx computes an early dialog's route set again; not
	   where a NOTIFY made the dialog (RFC 6665 s4.4.1) */
	ch->routes = first || (dlg->state == SIP_DIALOG_EARLY && final &&
			       dlg->uac && msg->method == SIP_METHOD_INVITE);

	if (!first && !final)
		ch->target = false;

	return ch->routes ? route_check(&ch->size, msg) : 0;
}


int sip_dialog_response(struct sip_dialog *dlg, const struct sip_msg *msg)
{
	struct change ch;
	int err;

	if (!is_text(dlg->call_id, &msg->call_id) ||
	    !is_text(dlg->local_tag, &msg->from_tag))
		return EPROTO;

	if (msg->code == 100 || msg->code >= 300)
		return 0;

	if (dlg->state == SIP_DIALOG_CALLING) {
		/* without a tag a provisional response makes no dialog */
		if (!makes_dialog(msg) || (!msg->to_tag.p && msg->code < 200))
			return 0;
		if (msg->to_tag.l >= sizeof(dlg->remote_tag))
			return EOVERFLOW;
	}
	else if (!is_text(dlg->remote_tag, &msg->to_tag)) {
		return EPROTO;
	}

	err = find_changes(&ch, dlg, msg);
	if (err)
		return err;

	if (ch.tag)
		(void)copy(dlg->remote_tag, sizeof(dlg->remote_tag),
			   &msg->to_tag);
	if (ch.target)
		(void)copy(dlg->remote_target, sizeof(dlg->remote_target),
			   &ch.uri);
	if (ch.routes)
		route_set(dlg->routes, ch.size, msg, true);

	if (msg->code >= 200 && makes_dialog(msg))
		dlg->state = SIP_DIALOG_CONFIRMED;
	else if (dlg->state == SIP_DIALOG_CALLING)
		dlg->state = SIP_DIALOG_EARLY;

	return 0;
}


int sip_dialog_fork(struct sip_dialog *dlg, const struct sip_dialog *first,
		    const struct sip_msg *msg)
{
	int err;

	*dlg = *first;
	dlg->state = SIP_DIALOG_CALLING;
	dlg->remote_tag[0] = '\0';
	dlg->remote_cseq_set = false;
	dlg->remote_cseq = 0;
	/* the requests inside the first dialog are not this one's */
	if (dlg->invite_cseq)
		dlg->local_cseq = dlg->invite_cseq;
	(void)copy_str(dlg->remote_target, sizeof(dlg->remote_target),
		       dlg->remote_uri);

	err = sip_dialog_response(dlg, msg);
	if (!err && dlg->state == SIP_DIALOG_CALLING)
		err = EPROTO;
	if (err)
		sip_dialog_close(dlg);

	return err;
}


int sip_dialog_request(struct sip_dialog *dlg, const struct sip_msg *msg)
{
	const bool first = dlg->state == SIP_DIALOG_CALLING;
	struct pl target;
	size_t size = 1;
	bool refresh = false;
	int err;

	/* RFC 3261 s12.2.2; the ACK has the CSeq of the INVITE */
	if (dlg->remote_cseq_set && msg->cseq < dlg->remote_cseq &&
	    msg->method != SIP_METHOD_ACK)
		return EPROTO;

	if (refreshes_target(msg)) {
		err = contact(&target, msg);
		if (err && err != ENOENT)
			return err;
		refresh = !err;
	}

	/* RFC 6665 s4.4.1: the NOTIFY comes before the 200 and makes the
	   dialog */
	if (first) {
		if (!refresh)
			return EBADMSG;
		err = route_check(&size, msg);
		if (!err)
			err = copy(dlg->remote_tag, sizeof(dlg->remote_tag),
				   &msg->from_tag);
		if (err)
			return err;

		route_set(dlg->routes, size, msg, false);
		dlg->state = SIP_DIALOG_EARLY;
	}

	if (refresh)
		(void)copy(dlg->remote_target, sizeof(dlg->remote_target),
			   &target);

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
	    !is_text(dlg->call_id, &msg->call_id) ||
	    !is_text(dlg->local_tag, local))
		return false;

	return dlg->state == SIP_DIALOG_CALLING ||
		is_text(dlg->remote_tag, remote);
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
	struct sip_writer *w;
	bool routed, strict = false;

	pl_set_str(&target, dlg->remote_target);
	routed = first_route(&uri, &rest, dlg->routes);
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
			sip_writer_hdr(w, SIP_HDR_ROUTE, "%s", dlg->routes);
	}

	sip_writer_hdr(w, SIP_HDR_FROM, "<%s>;tag=%s", dlg->local_uri,
		       dlg->local_tag);
	if (dlg->remote_tag[0])
		sip_writer_hdr(w, SIP_HDR_TO, "<%s>;tag=%s", dlg->remote_uri,
			       dlg->remote_tag);
	else
		sip_writer_hdr(w, SIP_HDR_TO, "<%s>", dlg->remote_uri);

	sip_writer_hdr(w, SIP_HDR_CALL_ID, "%s", dlg->call_id);
	sip_writer_hdr(w, SIP_HDR_CSEQ, "%u %s", next_cseq(dlg, method),
		       method);

	return w;
}

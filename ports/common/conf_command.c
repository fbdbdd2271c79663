/**
 * @file conf_command.c  Commands of conferences, and what is printed of their
 *                       events.  One conference at a time
 */
#include <errno.h>
#include <string.h>
#include "ports/common/conf_command.h"


/* ------------------------------------------------------------------ */
/* Events */


static const char *request_name(enum ue_conf_request request, bool good)
{
	switch (request) {

	case UE_CONF_INVITE: return good ? "invited" : "invite-failed";
	case UE_CONF_REMOVE: return good ? "removed" : "remove-failed";
	case UE_CONF_END:    return good ? "ended-for-all" : "end-failed";
	case UE_CONF_MOVE:   return good ? "moved" : "move-failed";
	default:             return good ? "requested" : "request-failed";
	}
}


const char *conf_event_name(const struct ue_event *ev)
{
	switch (ev->type) {

	case UE_EVENT_CONF_JOINED:        return "conference-joined";
	case UE_EVENT_CONF_FAILED:        return "conference-failed";
	case UE_EVENT_CONF_INVITATION:    return "conference-invitation";
	case UE_EVENT_CONF_ENDED:         return "conference-ended";
	case UE_EVENT_CONF_REQUEST_DONE:
		return request_name(ev->request, ev->status / 100 == 2);
	case UE_EVENT_CONF_MODIFIED:      return "conference-modified";
	case UE_EVENT_CONF_MODIFY_FAILED: return "conference-modify-failed";
	case UE_EVENT_CONF_CHANGED:       return "conference-changed";
	case UE_EVENT_CONF_SUBSCRIBED:    return "conference-subscribed";
	case UE_EVENT_CONF_SUBSCRIPTION_ENDED:
		return "conference-subscription-ended";
	case UE_EVENT_CONF_ROSTER:        return "roster";
	default:                          return "?";
	}
}


/* `sip:a@x connected, sip:b@x on-hold` */
static void print_users(struct output *o, const struct roster *r)
{
	output_open(o, "users");
	for (unsigned i = 0; i < r->userc; i++) {
		output_add(o, i ? ", " : "");
		output_add(o, roster_text(r, r->userv[i].entity));
		output_add(o, " ");
		output_add(o, roster_status_name(roster_user_status(r, i)));
	}
	output_close(o);
}


static void print_roster(struct output *o, const struct ue_conf *conf)
{
	const struct roster *r = ue_conf_roster(conf);

	output_num(o, "version", r->version);
	if (r->count_set)
		output_num(o, "user_count", r->user_count);
	print_users(o, r);
	if (r->truncated)
		output_bool(o, "truncated", true);
	if (r->deleted)
		output_bool(o, "deleted", true);
}


void conf_print(struct script *sc, struct output *o,
		const struct ue_event *ev)
{
	output_str(o, "conference", ue_conf_uri(ev->conf));

	switch (ev->type) {

	case UE_EVENT_CONF_INVITATION:
		output_str(o, "inviter", ue_conf_inviter(ev->conf));
		if (!sc->conf)
			sc->conf = ev->conf;
		else
			sc->invitation = ev->conf;
		break;

	case UE_EVENT_CONF_REQUEST_DONE:
		output_str(o, "uri", ev->text);
		break;

	case UE_EVENT_CONF_ROSTER:
		print_roster(o, ev->conf);
		break;

	case UE_EVENT_CONF_SUBSCRIBED:
		output_num(o, "expires", ev->expires_s);
		break;

	case UE_EVENT_CONF_FAILED:
	case UE_EVENT_CONF_ENDED:
		output_str(o, command_text_name(ev), ev->text);
		output_bool(o, "by_peer", ev->by_peer);
		if (sc->invitation == ev->conf)
			sc->invitation = NULL;
		if (sc->conf == ev->conf) {
			sc->conf = sc->invitation;
			sc->invitation = NULL;
		}
		break;

	case UE_EVENT_CONF_SUBSCRIPTION_ENDED:
		output_str(o, "reason", ev->text);
		break;

	default:
		break;
	}
}


/* ------------------------------------------------------------------ */
/* Commands */


/* Words of args into uriv.  Their number; COMMAND_URIS + 1: too many */
static unsigned split(struct script *sc, const char *args)
{
	char *p = sc->uris;
	unsigned n = 0;

	/* args are a part of the line */
	(void)strcpy(sc->uris, args);

	for (p += strspn(p, " \t"); *p; p += strspn(p, " \t")) {
		if (n == COMMAND_URIS)
			return COMMAND_URIS + 1;
		sc->uriv[n++] = p;
		p += strcspn(p, " \t");
		if (*p)
			*p++ = '\0';
	}

	return n;
}


/* `wait` looks at what has come since */
static void outcome(struct script *sc, int err, const char *good,
		    const char *bad)
{
	sc->seen_count = 0;
	command_outcome(sc, err, good, bad);
}


/* One conference at a time */
static bool busy(struct script *sc)
{
	if (sc->conf)
		command_failed(sc, "in a conference already: leave");

	return sc->conf != NULL;
}


static bool missing(struct script *sc)
{
	if (!sc->conf)
		command_failed(sc, "in no conference");

	return !sc->conf;
}


void conf_cmd_create(struct script *sc, char *args)
{
	struct ue_conf_params prm = {
		.uriv = sc->uriv, .audio = command_audio(sc)
	};

	if (busy(sc))
		return;

	prm.uric = split(sc, args);
	if (prm.uric > COMMAND_URIS) {
		command_failed(sc, "too many URIs");
		return;
	}

	outcome(sc, ue_conf_create(sc->ue, &sc->conf, &prm),
		"conference-joined", "conference-failed");
}


void conf_cmd_join(struct script *sc, char *args)
{
	const struct ue_conf_params prm = {.audio = command_audio(sc)};

	if (!busy(sc))
		outcome(sc, ue_conf_join(sc->ue, &sc->conf, args, &prm),
			"conference-joined", "conference-failed");
}


void conf_cmd_accept(struct script *sc, char *args)
{
	const struct ue_conf_params prm = {.audio = command_audio(sc)};

	(void)args;
	if (!missing(sc))
		outcome(sc, ue_conf_accept(sc->conf, &prm),
			"conference-joined", "conference-failed");
}


void conf_cmd_invite(struct script *sc, char *args)
{
	unsigned n;
	int err;

	if (missing(sc))
		return;

	n = split(sc, args);
	if (!n || n > COMMAND_URIS) {
		command_failed(sc, "invite URI...");
		return;
	}

	err = n == 1 ? ue_conf_invite(sc->conf, sc->uriv[0], UE_CONF_BY_FOCUS)
		: ue_conf_invite_list(sc->conf, sc->uriv, n);
	outcome(sc, err, "invited", "invite-failed");
}


void conf_cmd_refer(struct script *sc, char *args)
{
	if (!missing(sc))
		outcome(sc, ue_conf_invite(sc->conf, args, UE_CONF_BY_USER),
			"invited", "invite-failed");
}


void conf_cmd_remove(struct script *sc, char *args)
{
	if (!missing(sc))
		outcome(sc, ue_conf_remove(sc->conf, args),
			"removed", "remove-failed");
}


void conf_cmd_end(struct script *sc, char *args)
{
	(void)args;
	if (!missing(sc))
		outcome(sc, ue_conf_end(sc->conf),
			"ended-for-all", "end-failed");
}


/* Number as in the events of sessions */
void conf_cmd_move(struct script *sc, char *args)
{
	unsigned n = 0;

	while (*args >= '0' && *args <= '9' && n < 1000000)
		n = n * 10 + (unsigned)(*args++ - '0');
	/* the number of none */
	if (*args)
		n = 0;

	if (!missing(sc))
		outcome(sc, ue_conf_move(sc->conf, n), "moved",
			"move-failed");
}


/* Ourselves; with a URI somebody else; without a conference the call */
static void hold(struct script *sc, const char *uri, bool on)
{
	if (!sc->conf && !*uri) {
		outcome(sc, on ? ue_session_hold(sc->ue, sc->session)
			: ue_session_resume(sc->ue, sc->session),
			"session-modified", "session-modify-failed");
		return;
	}

	if (missing(sc))
		return;

	if (*uri)
		outcome(sc, ue_conf_hold_user(sc->conf, uri, on), "requested",
			"request-failed");
	else
		outcome(sc, ue_conf_hold(sc->conf, on), "conference-modified",
			"conference-modify-failed");
}


void conf_cmd_hold(struct script *sc, char *args)
{
	hold(sc, args, true);
}


void conf_cmd_resume(struct script *sc, char *args)
{
	hold(sc, args, false);
}


/* Server, then users */
void conf_cmd_initiate(struct script *sc, char *args)
{
	unsigned n;

	if (busy(sc))
		return;

	n = split(sc, args);
	if (n < 2 || n > COMMAND_URIS) {
		command_failed(sc, "initiate SERVER URI...");
		return;
	}

	memset(sc->conferv, 0, sizeof(sc->conferv));
	for (unsigned i = 1; i < n; i++)
		sc->conferv[i - 1].uri = sc->uriv[i];
	outcome(sc, ue_conf_initiate(sc->ue, &sc->conf, sc->uriv[0],
				     sc->conferv, n - 1),
		"conference-joined", "conference-failed");
}


void conf_cmd_poc(struct script *sc, char *args)
{
	const struct ue_conf_params prm = {.audio = command_audio(sc)};

	if (!busy(sc))
		outcome(sc, ue_poc_establish(sc->ue, &sc->conf, args, &prm),
			"conference-joined", "conference-failed");
}


void conf_cmd_poc_leave(struct script *sc, char *args)
{
	if (!missing(sc))
		outcome(sc, ue_poc_leave(sc->conf, *args ? args : NULL),
			"requested", "request-failed");
}


/* PoC session, then its participants or the group */
void conf_cmd_poc_end(struct script *sc, char *args)
{
	unsigned n;

	if (missing(sc))
		return;

	n = split(sc, args);
	if (n < 2 || n > COMMAND_URIS)
		command_failed(sc, "poc-end SESSION URI...");
	else
		outcome(sc, ue_poc_end(sc->conf, sc->uriv[0], &sc->uriv[1],
				       n - 1),
			"requested", "request-failed");
}


void conf_cmd_leave(struct script *sc, char *args)
{
	(void)args;
	if (!missing(sc))
		outcome(sc, ue_conf_leave(sc->conf),
			"conference-ended", "conference-failed");
}


/* With a URI: of a conference in which we take no part */
void conf_cmd_subscribe(struct script *sc, char *args)
{
	int err;

	if (*args && busy(sc))
		return;
	if (!*args && missing(sc))
		return;

	err = *args ? ue_conf_watch(sc->ue, &sc->conf, args, 0)
		: ue_conf_subscribe(sc->conf);
	outcome(sc, err, "conference-subscribed",
			"conference-subscription-ended");
}


/* Of what is only watched: the end of all */
void conf_cmd_unsubscribe(struct script *sc, char *args)
{
	(void)args;
	if (missing(sc))
		return;

	if (sc->conf->state == UE_CONF_WATCHING)
		outcome(sc, ue_conf_leave(sc->conf),
			"conference-ended", "");
	else
		outcome(sc, ue_conf_unsubscribe(sc->conf),
			"conference-subscription-ended", "");
}


void conf_cmd_who(struct script *sc, char *args)
{
	struct output o;

	(void)args;
	if (missing(sc))
		return;

	command_output(sc, &o, "who");
	output_str(&o, "conference", ue_conf_uri(sc->conf));
	print_roster(&o, sc->conf);
	output_end(&o);
	command_next(sc);
}

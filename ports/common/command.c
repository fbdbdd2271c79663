/**
 * @file command.c  Commands that run one after the other, of a script or of a
 *                  terminal
 */
#include <errno.h>
#include <string.h>
#include "ports/common/command.h"
#include "ports/common/conf_command.h"
#include "ports/common/msg_command.h"
#include "ports/common/ue_command.h"


/** Seconds that `wait` waits when it is not told */
#define WAIT_DEFAULT_S 30

/** Longest wait: a day */
#define WAIT_MAX_S 86400


/** Not from inside an event handler: commands follow each other in
 *  command_poll() */
static void step_later(struct script *sc)
{
	sc->step = true;
	sc->port->wakeh(sc->arg);
}


void command_output(const struct script *sc, struct output *o,
		    const char *event)
{
	output_begin(o, sc->port->outh, sc->arg, sc->json, event);
}


void command_error(const struct script *sc, const char *what,
		   const char *why)
{
	struct output o;

	command_output(sc, &o, "error");
	output_str(&o, "what", what);
	output_str(&o, "reason", why);
	output_end(&o);
}


const char *command_text_name(const struct ue_event *ev)
{
	/* RFC 3326: a status that the peer names leads nowhere */
	return ev->status / 100 == 3 && !ev->by_peer ? "contacts" : "reason";
}


const char *command_reason(const struct script *sc, int err)
{
	return sc->port->errorh(err, sc->arg);
}


void command_failed(struct script *sc, const char *why)
{
	command_error(sc, sc->name, why);

	/* beside another one, which goes on */
	if (sc->running)
		return;

	if (sc->interactive)
		step_later(sc);
	else
		sc->port->quith(1, sc->arg);
}


/** It had been accepted */
static void end_badly(struct script *sc, const char *why)
{
	sc->running = false;
	sc->due_ms  = 0;
	sc->name    = sc->waiting;
	command_failed(sc, why);
}


static void done(struct script *sc)
{
	sc->running  = false;
	sc->sleeping = false;
	sc->due_ms   = 0;
	step_later(sc);
}


void command_next(struct script *sc)
{
	if (!sc->running)
		done(sc);
}


static void timeout(struct script *sc)
{
	if (sc->sleeping)
		done(sc);
	else
		end_badly(sc, "time-out");
}


static bool seen(const struct script *sc, const char *event)
{
	for (unsigned i = 0; i < sc->seen_count; i++) {
		if (!strcmp(sc->seenv[i], event))
			return true;
	}

	return false;
}


void command_event(struct script *sc, const char *event)
{
	if (!seen(sc, event) && sc->seen_count < COMMAND_EVENTS)
		sc->seenv[sc->seen_count++] = event;

	if (!sc->running || sc->sleeping)
		return;

	if (!strcmp(event, sc->good))
		done(sc);
	else if (!strcmp(event, sc->bad))
		end_badly(sc, event);
}


void command_outcome(struct script *sc, int err, const char *good,
		     const char *bad)
{
	if (err) {
		command_failed(sc, command_reason(sc, err));
		return;
	}

	/* the time of a `wait` or `sleep` before is not its */
	sc->good     = good;
	sc->bad      = bad;
	sc->waiting  = sc->name;
	sc->running  = true;
	sc->sleeping = false;
	sc->due_ms   = 0;
}


/** Milliseconds of `SECONDS[.FRACTION]`; 0 = wrong */
static uint32_t milliseconds(const char *str)
{
	uint32_t ms = 0, unit = 1000;
	bool fraction = false;

	for (; *str; str++) {
		if (*str == '.' && !fraction) {
			fraction = true;
			continue;
		}
		if (*str < '0' || *str > '9')
			return 0;
		if (fraction)
			unit /= 10;
		else
			ms *= 10;
		ms += (uint32_t)(*str - '0') * unit;
		if (ms > WAIT_MAX_S * 1000)
			return 0;
	}

	return ms;
}


static void start_timer(struct script *sc, uint32_t ms)
{
	sc->due_ms = sc->now_ms + ms;
}


static void cmd_wait(struct script *sc, char *args)
{
	char *rest = args + strcspn(args, " \t");
	uint32_t ms;

	if (*rest)
		*rest++ = '\0';
	rest += strspn(rest, " \t");

	ms = *rest ? milliseconds(rest) : WAIT_DEFAULT_S * 1000;
	if (!*args || strlen(args) >= sizeof(sc->wanted) || !ms) {
		command_failed(sc, "wait EVENT [SECONDS]");
		return;
	}

	if (seen(sc, args)) {
		done(sc);
		return;
	}

	(void)strcpy(sc->wanted, args);
	command_outcome(sc, 0, sc->wanted, "");
	start_timer(sc, ms);
}


static void cmd_sleep(struct script *sc, char *args)
{
	const uint32_t ms = milliseconds(args);

	if (!ms) {
		command_failed(sc, "sleep SECONDS");
		return;
	}

	sc->running  = true;
	sc->sleeping = true;
	start_timer(sc, ms);
}


static void cmd_quit(struct script *sc, char *args)
{
	(void)args;
	sc->port->quith(0, sc->arg);
}


static void cmd_help(struct script *sc, char *args)
{
	(void)args;
	command_help(sc->port, sc->arg);
	command_next(sc);
}


#if COMMAND_HELP
#define HELP(text) text
#else
#define HELP(text) NULL
#endif

static const struct command commandv[] = {
	{"register", ue_cmd_register, HELP("register with the network"),
	 false, false},
	{"reregister", ue_cmd_reregister, HELP("refresh the registration now"),
	 false, false},
	{"address-changed", ue_cmd_address_changed,
	 HELP("begin again with the new IP address"), false, false},
	{"deregister", ue_cmd_deregister, HELP("end the registration"),
	 true, false},
	{"call", ue_cmd_call, HELP("URI: an audio session, without RTP"),
	 false, false},
	{"answer", ue_cmd_answer, HELP("accept the session that came in"),
	 false, false},
	{"hangup", ue_cmd_hangup, HELP("end the session"), false, false},
	{"status", ue_cmd_status, HELP("print state and counters"),
	 true, false},
	{"create", conf_cmd_create,
	 HELP("[URI...]: a conference, with others"), false, false},
	{"join", conf_cmd_join, HELP("URI: a conference"), false, false},
	{"accept", conf_cmd_accept, HELP("an invitation to a conference"),
	 false, false},
	{"invite", conf_cmd_invite, HELP("URI...: the focus asks them in"),
	 false, false},
	{"refer", conf_cmd_refer, HELP("URI: ask somebody to come in"),
	 false, false},
	{"remove", conf_cmd_remove, HELP("URI: the focus removes them"),
	 false, false},
	{"end", conf_cmd_end, HELP("the conference, for all"), false, false},
	{"move", conf_cmd_move, HELP("SESSION: a call, into the conference"),
	 false, false},
	{"hold", conf_cmd_hold, HELP("the conference, URI in it, or the call"),
	 false, false},
	{"resume", conf_cmd_resume,
	 HELP("the conference, URI in it, or the call"), false, false},
	{"initiate", conf_cmd_initiate,
	 HELP("SERVER URI...: a conference by INITIATE"), false, false},
	{"poc", conf_cmd_poc, HELP("URI: a pre-established PoC session"),
	 false, false},
	{"poc-leave", conf_cmd_poc_leave, HELP("[URI]: the PoC session"),
	 false, false},
	{"poc-end", conf_cmd_poc_end, HELP("SESSION URI...: for all"),
	 false, false},
	{"who", conf_cmd_who, HELP("is in the conference"), true, false},
	{"leave", conf_cmd_leave, HELP("the conference, or refuse it"),
	 false, false},
	{"subscribe", conf_cmd_subscribe,
	 HELP("[URI]: to the state of a conference"), false, false},
	{"unsubscribe", conf_cmd_unsubscribe, HELP("from it"), false, false},
	{"say", msg_cmd_say, HELP("[@URI] TEXT: to all, or to one"),
	 false, false},
	{"nick", msg_cmd_nick, HELP("NAME: in the chat room"), false, false},
	{"abort", msg_cmd_abort, HELP("the messages being sent"), true, false},
	{"typing", msg_cmd_typing, HELP("[off]: the user types"),
	 false, false},
	{"chat", msg_cmd_chat, HELP("URI: a session with messages"),
	 false, false},
	{"notify", msg_cmd_notify,
	 HELP("[KINDS]: of the following messages, positive-delivery,"
	      "display"), false, false},
	{"message", msg_cmd_message,
	 HELP("URI[,URI...] TEXT: outside of sessions"),
	 false, false},
	{"wait", cmd_wait, HELP("EVENT [SECONDS]: until the event is there"),
	 false, true},
	{"sleep", cmd_sleep, HELP("SECONDS"), false, true},
	{"help", cmd_help, HELP("this list"), true, true},
	{"quit", cmd_quit, HELP("end the program, exit status 0"), true, true},
};

#define COMMANDS (sizeof(commandv) / sizeof(commandv[0]))


/** The command of that name, of len characters */
static const struct command *find(const struct script *sc, const char *name,
				  size_t len)
{
	for (size_t i = 0; i < COMMANDS + sc->port->commandc; i++) {
		const struct command *cmd = i < COMMANDS ? &commandv[i]
			: &sc->port->commandv[i - COMMANDS];

		if (strlen(cmd->name) == len && !memcmp(cmd->name, name, len))
			return cmd;
	}

	return NULL;
}


void command_help(const struct command_port *port, void *arg)
{
	for (size_t i = 0; i < COMMANDS; i++)
		output_help(port->helph, arg, commandv[i].name,
			    commandv[i].help);
	for (size_t i = 0; i < port->commandc; i++)
		output_help(port->helph, arg, port->commandv[i].name,
			    port->commandv[i].help);
}


static void run(struct script *sc, char *line)
{
	const struct command *cmd;
	char *args, *end;

	line += strspn(line, " \t");
	end = line + strlen(line);
	while (end > line && strchr(" \t\r\n", end[-1]))
		*--end = '\0';
	if (!*line) {
		done(sc);
		return;
	}

	args = line + strcspn(line, " \t");
	cmd  = find(sc, line, (size_t)(args - line));
	if (*args)
		*args++ = '\0';
	args += strspn(args, " \t");

	sc->name = line;
	if (!cmd)
		command_failed(sc, "no such command");
	else if (!sc->ue && !cmd->early)
		command_failed(sc, "not started");
	else {
		sc->name = cmd->name;
		cmd->run(sc, args);
	}
}


/** The next command of the script */
static void step_script(struct script *sc)
{
	const size_t len = strcspn(sc->next, ";");

	if (!*sc->next) {
		sc->port->quith(0, sc->arg);
		return;
	}
	if (len >= sizeof(sc->line)) {
		sc->name = "";
		command_failed(sc, "command too long");
		return;
	}

	memcpy(sc->line, sc->next, len);
	sc->line[len] = '\0';
	sc->next += len + (sc->next[len] == ';');

	run(sc, sc->line);
}


/** May this line be run while another command has no outcome yet? */
static bool runs_always(const struct script *sc, size_t len)
{
	const struct command *cmd;
	size_t n = 0;

	while (n < len && !strchr(" \t\r", sc->line[n]))
		++n;
	cmd = find(sc, sc->line, n);

	return cmd && cmd->always;
}


/** No end of a line in a full buffer, or the rest of such a line */
static void too_long(struct script *sc)
{
	if (!sc->skip)
		command_error(sc, "", "command too long");
	sc->skip     = true;
	sc->line_len = 0;
}


/** The next line of the terminal, when it is there */
static void step_terminal(struct script *sc)
{
	char *nl = memchr(sc->line, '\n', sc->line_len);
	size_t len;

	if (!nl) {
		if (sc->line_len == sizeof(sc->line))
			too_long(sc);
		else if (sc->eof && !sc->running)
			sc->port->quith(0, sc->arg);
		return;
	}

	len = (size_t)(nl - sc->line);
	if (sc->running && !sc->skip && !runs_always(sc, len))
		return;

	*nl = '\0';
	if (sc->skip)
		sc->skip = false;
	else
		run(sc, sc->line);
	sc->line_len -= len + 1;
	memmove(sc->line, nl + 1, sc->line_len);

	/* what may run beside it */
	if (sc->line_len || sc->eof)
		step_later(sc);
}


void command_init(struct script *sc, const struct command_port *port,
		  void *arg, bool json)
{
	memset(sc, 0, sizeof(*sc));
	sc->port = port;
	sc->arg  = arg;
	sc->json = json;
	sc->name = "";
	sc->interactive = true;
}


void command_script(struct script *sc, const char *commands)
{
	sc->next = commands;
	sc->interactive = false;
	step_later(sc);
}


size_t command_room(const struct script *sc)
{
	return sizeof(sc->line) - sc->line_len;
}


size_t command_feed(struct script *sc, const char *p, size_t len)
{
	const size_t room = command_room(sc);

	if (len > room)
		len = room;
	memcpy(sc->line + sc->line_len, p, len);
	sc->line_len += len;
	step_later(sc);

	return len;
}


void command_eof(struct script *sc)
{
	sc->eof = true;
	step_later(sc);
}


bool command_idle(const struct script *sc)
{
	return sc->interactive && !sc->running && !sc->step && !sc->eof;
}


uint32_t command_poll(struct script *sc, uint64_t now_ms)
{
	sc->now_ms = now_ms;
	if (sc->due_ms && now_ms >= sc->due_ms) {
		sc->due_ms = 0;
		timeout(sc);
	}

	if (sc->step) {
		sc->step = false;
		if (sc->interactive)
			step_terminal(sc);
		else if (!sc->running)
			step_script(sc);
	}
	if (sc->step)
		return 0;

	return sc->due_ms ? (uint32_t)(sc->due_ms - now_ms) : UINT32_MAX;
}

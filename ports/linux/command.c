/**
 * @file command.c  Commands of the uims program
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ports/linux/uims.h"


/** Seconds that `wait` waits when it is not told */
#define WAIT_DEFAULT_S 30

/** Longest wait: a day */
#define WAIT_MAX_S 86400

static void step_later(struct script *sc);


static void failed(struct script *sc, const char *why)
{
	uims_error(sc->name, why);

	sc->running = false;
	tmr_cancel(&sc->tmr);

	if (sc->interactive)
		step_later(sc);
	else
		uims_quit(1);
}


static void done(struct script *sc)
{
	sc->running  = false;
	sc->sleeping = false;
	tmr_cancel(&sc->tmr);
	step_later(sc);
}


/** A command that has no outcome of its own: what runs goes on */
static void next(struct script *sc)
{
	if (!sc->running)
		done(sc);
}


static void timeout(void *arg)
{
	struct script *sc = arg;

	if (sc->sleeping)
		done(sc);
	else
		failed(sc, "time-out");
}


static bool seen(const struct script *sc, const char *event)
{
	for (unsigned i = 0; i < sc->seen_count; i++) {
		if (!strcmp(sc->seenv[i], event))
			return true;
	}

	return false;
}


/** An event was printed: does it end the running command? */
void command_event(struct script *sc, const char *event)
{
	if (!seen(sc, event) && sc->seen_count < SCRIPT_EVENTS)
		(void)snprintf(sc->seenv[sc->seen_count++],
			       sizeof(sc->seenv[0]), "%s", event);

	if (!sc->running || sc->sleeping)
		return;

	if (!strcmp(event, sc->good))
		done(sc);
	else if (!strcmp(event, sc->bad))
		failed(sc, event);
}


/** Wait for the outcome of a command that the UE has accepted, or not */
static void outcome(struct script *sc, int err, const char *good,
		    const char *bad)
{
	if (err) {
		failed(sc, strerror(err));
		return;
	}

	(void)strcpy(sc->good, good);
	(void)strcpy(sc->bad, bad);
	sc->running = true;
}


static void cmd_register(struct script *sc, char *args)
{
	(void)args;
	sc->seen_count = 0;
	outcome(sc, ue_register(sc->ue), "registered", "registration-failed");
}


static void cmd_reregister(struct script *sc, char *args)
{
	(void)args;
	sc->seen_count = 0;
	outcome(sc, ue_reregister(sc->ue), "reregistered", "deregistered");
}


static void cmd_deregister(struct script *sc, char *args)
{
	(void)args;
	sc->seen_count = 0;
	outcome(sc, ue_deregister(sc->ue), "deregistered",
		"registration-failed");
}


static void cmd_status(struct script *sc, char *args)
{
	(void)args;
	uims_print_status();
	next(sc);
}


/** Seconds, with a default for an empty string; 0 = wrong */
static uint32_t seconds(const char *str, uint32_t def)
{
	char *end;
	const double v = strtod(str, &end);

	if (!*str)
		return def * 1000;
	if (*end || !(v > 0) || v > WAIT_MAX_S)
		return 0;

	return v < 0.001 ? 1 : (uint32_t)(v * 1000);
}


static void cmd_wait(struct script *sc, char *args)
{
	char *rest = args + strcspn(args, " \t");
	uint32_t ms;

	if (*rest)
		*rest++ = '\0';
	rest += strspn(rest, " \t");

	ms = seconds(rest, WAIT_DEFAULT_S);
	if (!*args || strlen(args) >= sizeof(sc->good) || !ms) {
		failed(sc, "wait EVENT [SECONDS]");
		return;
	}

	if (seen(sc, args)) {
		done(sc);
		return;
	}

	outcome(sc, 0, args, "");
	tmr_start(&sc->tmr, ms, timeout, sc);
}


static void cmd_sleep(struct script *sc, char *args)
{
	const uint32_t ms = seconds(args, 0);

	if (!ms) {
		failed(sc, "sleep SECONDS");
		return;
	}

	sc->running  = true;
	sc->sleeping = true;
	tmr_start(&sc->tmr, ms, timeout, sc);
}


static void cmd_quit(struct script *sc, char *args)
{
	(void)sc;
	(void)args;
	uims_quit(0);
}


static void cmd_help(struct script *sc, char *args)
{
	(void)args;
	command_help();
	next(sc);
}


static const struct {
	const char *name;
	void (*run)(struct script *sc, char *args);
	const char *help;
	bool always;            /* from the terminal also while another runs */
} commandv[] = {
	{"register", cmd_register, "register with the network", false},
	{"reregister", cmd_reregister, "refresh the registration now", false},
	{"deregister", cmd_deregister, "end the registration", true},
	{"status", cmd_status, "print state and counters", true},
	{"wait", cmd_wait, "EVENT [SECONDS]: until the event is there", false},
	{"sleep", cmd_sleep, "SECONDS", false},
	{"help", cmd_help, "this list", true},
	{"quit", cmd_quit, "end the program, exit status 0", true},
};

#define COMMANDS (sizeof(commandv) / sizeof(commandv[0]))


void command_help(void)
{
	for (size_t i = 0; i < COMMANDS; i++)
		(void)fprintf(stderr, "  %-12s %s\n", commandv[i].name,
			      commandv[i].help);
}


static void run(struct script *sc, char *cmd)
{
	char *args, *end;

	cmd += strspn(cmd, " \t");
	end = cmd + strlen(cmd);
	while (end > cmd && strchr(" \t\r\n", end[-1]))
		*--end = '\0';
	if (!*cmd) {
		done(sc);
		return;
	}

	args = cmd + strcspn(cmd, " \t");
	if (*args)
		*args++ = '\0';
	args += strspn(args, " \t");

	(void)snprintf(sc->name, sizeof(sc->name), "%s", cmd);

	for (size_t i = 0; i < COMMANDS; i++) {
		if (!strcmp(commandv[i].name, cmd)) {
			commandv[i].run(sc, args);
			return;
		}
	}

	failed(sc, "no such command");
}


/** The next command of -e */
static void step_script(struct script *sc)
{
	char cmd[512];
	const size_t len = strcspn(sc->next, ";");

	if (!*sc->next) {
		uims_quit(0);
		return;
	}
	if (len >= sizeof(cmd)) {
		failed(sc, "command too long");
		return;
	}

	memcpy(cmd, sc->next, len);
	cmd[len] = '\0';
	sc->next += len + (sc->next[len] == ';');

	run(sc, cmd);
}


/** May this line be run while another command has no outcome yet? */
static bool runs_always(const char *line, size_t len)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		const size_t n = strlen(commandv[i].name);

		if (commandv[i].always && len >= n &&
		    !memcmp(line, commandv[i].name, n) &&
		    (len == n || strchr(" \t\r", line[n])))
			return true;
	}

	return false;
}


/** The next line of the terminal, when it is there */
static void step_terminal(struct script *sc)
{
	char cmd[sizeof(sc->line)];
	char *nl = memchr(sc->line, '\n', sc->line_len);
	size_t len;

	if (sc->running && (!nl || !runs_always(sc->line,
						(size_t)(nl - sc->line))))
		return;

	if (!nl) {
		if (sc->line_len == sizeof(sc->line))
			sc->line_len = 0;
		if (sc->eof)
			uims_quit(0);
		else if (isatty(STDIN_FILENO)) {
			(void)fputs("uims> ", stderr);
			(void)fflush(stderr);
		}
		return;
	}

	len = (size_t)(nl - sc->line);
	memcpy(cmd, sc->line, len);
	cmd[len] = '\0';
	sc->line_len -= len + 1;
	memmove(sc->line, nl + 1, sc->line_len);

	run(sc, cmd);

	/* what may run beside it */
	if (sc->running && sc->line_len)
		step_later(sc);
}


static void step(void *arg)
{
	struct script *sc = arg;

	if (sc->interactive)
		step_terminal(sc);
	else if (!sc->running)
		step_script(sc);
}


/** Not from inside an event handler: commands follow each other on the loop */
static void step_later(struct script *sc)
{
	tmr_start(&sc->tmr_step, 0, step, sc);
}


static void on_terminal(int flags, void *arg)
{
	struct script *sc = arg;
	ssize_t n;

	(void)flags;

	n = read(STDIN_FILENO, sc->line + sc->line_len,
		 sizeof(sc->line) - sc->line_len);
	if (n <= 0) {
		fd_close(STDIN_FILENO);
		sc->eof = true;
	}
	else {
		sc->line_len += (size_t)n;
	}

	step_later(sc);
}


/**
 * Begin
 *
 * @param sc        Script, overwritten
 * @param ue        The UE
 * @param commands  `CMD; CMD`, kept; NULL = read from the terminal
 *
 * @return 0 or an errno
 */
int command_start(struct script *sc, struct ue *ue, const char *commands)
{
	memset(sc, 0, sizeof(*sc));
	sc->ue          = ue;
	sc->next        = commands;
	sc->interactive = !commands;
	tmr_init(&sc->tmr);
	tmr_init(&sc->tmr_step);

	step_later(sc);

	return sc->interactive
		? fd_listen(STDIN_FILENO, FD_READ, on_terminal, sc) : 0;
}


void command_stop(struct script *sc)
{
	tmr_cancel(&sc->tmr);
	tmr_cancel(&sc->tmr_step);
	if (sc->interactive && !sc->eof)
		fd_close(STDIN_FILENO);
}

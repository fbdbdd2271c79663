/**
 * @file command.h  Commands of a console, a script or a terminal, and what is
 *                  printed of events
 *
 *     static struct script sc;
 *
 *     command_init(&sc, &port, arg, json);
 *     sc.ue = &ue;    after ue_init(&ue, ..., command_on_event, &sc)
 *     for (;;) {
 *             command_feed(&sc, octets of a terminal, len);
 *             wait_ms = command_poll(&sc, now_ms);
 *     }
 *
 * One command runs after the other.  A command of the UE ends with its
 * outcome event; `wait EVENT` ends at once when the event came since the last
 * command of the UE began.  No allocation, no clock, no I/O: lines are fed,
 * the time is passed in, output leaves by handlers.
 */
#ifndef PORT_COMMAND_H
#define PORT_COMMAND_H

#include "msrp/cpim.h"
#include "ports/common/command_config.h"
#include "ports/common/output.h"
#include "ue/ue.h"

struct script;

/** A command */
struct command {
	const char *name;
	/** Runs it; args may be written to, valid during the call.  Ends by
	 *  command_outcome(), command_next() or command_failed() */
	void (*run)(struct script *sc, char *args);
	const char *help;
	/** From a terminal also while another runs */
	bool always;
	/** Also while there is no UE yet */
	bool early;
};

/** What the port does for the commands.  arg: of command_init() */
struct command_port {
	output_h *outh;                 /**< lines of events             */
	output_h *helph;                /**< what `help` says            */
	/** command_poll() has become due.  From any function here */
	void (*wakeh)(void *arg);
	/** The end, with an exit status: 0 all done, 1 a command failed */
	void (*quith)(int status, void *arg);
	/** Words for an errno */
	const char *(*errorh)(int err, void *arg);
	/** More members of `status`; NULL = none */
	void (*statush)(struct output *o, void *arg);
	/** Date and time (RFC 3339) for messages; NULL = no clock */
	void (*datetimeh)(char str[32], void *arg);
	/** Memory for a message of len octets, above COMMAND_TEXT; its result
	 *  may be NULL.  Both NULL = no memory */
	void *(*alloch)(size_t len, void *arg);
	void (*freeh)(void *p, size_t len, void *arg);
	/** Keep a file that came in and print its members.  NULL = files are
	 *  not kept */
	void (*fileh)(struct output *o, const struct pl *disposition,
		      const struct pl *content, void *arg);
	/** Commands of the port's own */
	const struct command *commandv;
	unsigned commandc;
};

/** Memory of a message: mine when it is sent, theirs while it comes in */
struct command_item {
	bool used;
	bool sent;
	bool duplicate;                 /**< perhaps a copy              */
	void *map;                      /**< the port's; NULL = in text  */
	size_t len;                     /**< of map                      */
	char type[COMMAND_TYPE];
	char name[COMMAND_NAME];        /**< Content-Disposition         */
	char text[COMMAND_TEXT];
};

/** State of the commands of messages.  Private */
struct msg_command {
	struct ue_messaging set;
	unsigned session;               /* 0: none is ready              */
	char notify[48];                /* of `notify`                   */
	unsigned asked;                 /* messages with it              */
	unsigned again;                 /* times that it was made again  */
	struct command_item itemv[COMMAND_ITEMS];
	/* what the event that is being printed holds */
	struct msrp_cpim cpim;
	struct pl type, content, disposition;
	bool duplicate;
	const char *event;
};

/** Commands that run one after the other */
struct script {
	struct ue *ue;                  /**< NULL = not there yet        */
	const struct command_port *port;
	void *arg;                      /**< of the handlers of port     */
	const char *next;               /**< rest of a script, or NULL   */
	char line[COMMAND_LINE];        /**< read from the terminal      */
	size_t line_len;
	bool json;
	bool eof;
	bool skip;                      /**< rest of a line too long     */
	bool step;                      /**< the next command is due     */
	bool running;                   /**< waits for an event          */
	bool sleeping;
	bool interactive;
	const char *name;               /**< command that was run last   */
	const char *waiting;            /**< that waits for an event     */
	const char *good;               /**< event that ends it well     */
	const char *bad;                /**< event that ends it badly    */
	char wanted[32];                /**< of `wait`                   */
	const char *seenv[COMMAND_EVENTS];
	unsigned seen_count;
	unsigned session;               /**< of call, or that came in    */
	uint64_t now_ms;
	uint64_t due_ms;                /**< of wait and sleep, 0 = none */
	struct ue_conf *conf;           /**< NULL = none                 */
	struct ue_conf *invitation;     /**< meanwhile; NULL = none      */
	char uris[COMMAND_LINE];        /**< of create, until its outcome */
	const char *uriv[COMMAND_URIS];
	struct ue_confer conferv[COMMAND_URIS]; /**< of initiate         */
	struct msg_command msg;
};

/**
 * Begin, without commands
 *
 * @param sc    Overwritten
 * @param port  What the port does, kept
 * @param arg   For its handlers
 * @param json  Output as JSON lines, else as plain text
 */
void command_init(struct script *sc, const struct command_port *port,
		  void *arg, bool json);

/** Run a script, `CMD; CMD`; kept.  Ends by quith: after the last command
 *  with 0, after one that failed with 1 */
void command_script(struct script *sc, const char *commands);

/** How many octets of a terminal are taken now: none while a command runs and
 *  the line buffer is full */
size_t command_room(const struct script *sc);

/** Octets of a terminal, whose lines are commands.  @return how many were
 *  taken: up to command_room() */
size_t command_feed(struct script *sc, const char *p, size_t len);

/** The terminal has ended: quith with 0 after its last line */
void command_eof(struct script *sc);

/** Does it wait for a line of the terminal? */
bool command_idle(const struct script *sc);

/** Run what is due: at most one command.  @return milliseconds until the next
 *  call, UINT32_MAX = none needed before wakeh */
uint32_t command_poll(struct script *sc, uint64_t now_ms);

/** The event handler for ue_init(), with the script as its argument */
void command_on_event(struct ue *ue, const struct ue_event *ev, void *arg);

/** How the script takes part in sessions with messages: for the settings.
 *  Valid while the script is.  relay: kept; NULL, or without uri = none.
 *  tls: over TLS only */
const struct ue_messaging *command_messaging(struct script *sc,
					     const struct ue_relay *relay,
					     bool tls);

/** Do sessions begin with audio?  Where there is any */
bool command_audio(const struct script *sc);

/** The list of commands, for a person */
void command_help(const struct command_port *port, void *arg);

/* ------------------------------------------------------------------ */
/* For commands and for what a port prints itself */

/** Begin a line of output */
void command_output(const struct script *sc, struct output *o,
		    const char *event);

/** Something was printed: does it end the running command?  event: a
 *  constant, kept */
void command_event(struct script *sc, const char *event);

/** Print an error */
void command_error(const struct script *sc, const char *what,
		   const char *why);

/** Words of the port for an errno */
const char *command_reason(const struct script *sc, int err);

/** What the text of an event about an end is */
const char *command_text_name(const struct ue_event *ev);

/** The command that is run fails, at once: why is printed */
void command_failed(struct script *sc, const char *why);

/** It has no outcome of its own: what runs goes on */
void command_next(struct script *sc);

/** Wait for the outcome of what the UE has accepted (err 0), or not.  good,
 *  bad: names of events, constants, kept */
void command_outcome(struct script *sc, int err, const char *good,
		     const char *bad);

#endif

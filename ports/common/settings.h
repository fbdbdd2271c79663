/**
 * @file settings.h  Settings of the UE as text
 *
 * A setting is a key and a value. Keys that a port adds are in a table of its
 * own. No I/O: lines of a file and arguments are handed in.
 */
#ifndef PORT_SETTINGS_H
#define PORT_SETTINGS_H

#include "ports/common/command_config.h"
#include "ports/common/output.h"
#include "ports/common/usim_soft.h"
#include "ue/ue.h"

/** Room for the strings of all settings; 256..65536; cost: 1 each */
#ifndef SETTINGS_TEXT
#ifdef UIMS_SMALL
#define SETTINGS_TEXT 640
#else
#define SETTINGS_TEXT 8192
#endif
#endif

/** Room for why a setting was refused; 64..1024; cost: 1 each */
#ifndef SETTINGS_ERROR
#ifdef UIMS_SMALL
#define SETTINGS_ERROR 128
#else
#define SETTINGS_ERROR 256
#endif
#endif

#if SETTINGS_TEXT < 256 || SETTINGS_TEXT > 65536 || \
	SETTINGS_ERROR < 64 || SETTINGS_ERROR > 1024
#error "SETTINGS_TEXT: 256..65536; SETTINGS_ERROR: 64..1024"
#endif

struct settings;

/** A key */
struct settings_key {
	const char *name;
	/** @return 0, or that of settings_fail() */
	int (*set)(struct settings *st, const char *val);
	const char *help;
};

/** Settings; the strings live in `text` */
struct settings {
	struct ue_settings ue;          /**< for ue_init()               */
	struct ue_identity card;        /**< what the card says          */
	struct usim_soft_params usim;   /**< of the one in software      */
	bool other_usim;                /**< set by the port: a card     */
	bool has_k;
	bool has_opc;                   /**< opc or op was given         */
	bool is_op;                     /**< usim.opc holds OP or TOP    */
	bool no_messages;
	size_t opc_len;
	enum ue_log_level log;
	struct ue_audio audio;          /**< port 0 = none               */
	struct ue_relay relay;          /**< uri NULL = none             */
#if MSRP_RELAY && UE_MSRP_TLS
	uint8_t relay_sha256[32];
#endif
	bool no_msrps;                  /**< true also where not built   */
	unsigned pcscf_count;
	const struct settings_key *portv;
	unsigned portc;
	void *arg;                      /**< for the keys of the port    */
	char text[SETTINGS_TEXT];
	size_t text_len;
	char error[SETTINGS_ERROR];     /**< why the last call failed    */
	size_t error_len;
};

/**
 * Begin with what holds without any setting
 *
 * @param st     Overwritten
 * @param portv  Keys of the port, kept
 * @param portc  How many
 * @param arg    For them: st->arg
 */
void settings_init(struct settings *st, const struct settings_key *portv,
		   unsigned portc, void *arg);

/** Set one value.  @return 0; EINVAL: st->error says why, naming the key,
 *  after what it said before: settings_where() */
int  settings_set(struct settings *st, const char *key, const char *value);

/** The same of `KEY=VALUE` */
int  settings_set_pair(struct settings *st, const char *pair);

/** The same of a line: `key value`, `# comment` or nothing.  line is written
 *  to */
int  settings_set_line(struct settings *st, char *line);

/** Where the next line comes from, for st->error; NULL = nowhere */
void settings_where(struct settings *st, const char *where, unsigned line);

/** What one setting says about another; OPc from OP.  @return 0; EINVAL */
int  settings_finish(struct settings *st);

/** Forget all of it, keys as well */
void settings_wipe(struct settings *st);

/** The list of keys, for a person */
void settings_help(const struct settings *st, output_h *outh, void *arg);

/* settings_key.c: the keys of every port */
extern const struct settings_key settings_keyv[];
extern const unsigned settings_keyc;

/* for the keys; each 0, or EINVAL with st->error */

/** Why a value is refused; libre's formats.  @return EINVAL */
int  settings_fail(struct settings *st, const char *fmt, ...);

int  settings_string(struct settings *st, const char **dst, const char *val);
int  settings_number(struct settings *st, uint32_t *dst, const char *val,
		     uint32_t min, uint32_t max);

/** One of the words, which end with NULL; dst: its place */
int  settings_word(struct settings *st, int *dst, const char *val,
		   const char *const *wordv);

/** `1.2.3.4`, `1.2.3.4:port`, `v6`, `[v6]` or `[v6]:port` */
int  settings_address(struct settings *st, struct ue_addr *addr,
		      const char *val);

#endif

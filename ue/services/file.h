/**
 * @file file.h  File transfer in sessions by MSRP (RFC 5547; TS 24.247)
 *
 * Each file has a session of its own with one m=message line: offers of ours
 * describe one file.  Of an offer with several the first is taken and the
 * others are refused one by one (s8.3: port 0); of one with other media none
 * is taken: that session goes on as a call.
 *
 * The UE holds nothing of a file but its description and the state of its
 * SHA-1: octets come from and go to the application by handlers, at a
 * position.  A transfer that broke off is gone on with by a new one that
 * begins at a later octet: the sender by `from` in what it sends, the receiver
 * by `from` in what it fetches.
 */
#ifndef SERVICES_FILE_H
#define SERVICES_FILE_H

#include <mbedtls/sha1.h>
#include "ue/services/file_sdp.h"
#include "ue/services/messaging.h"
#include "ue/services/session.h"

struct ue;

/**
 * A file as the application has it, or wants it.  It and all that it points to
 * are the caller's and stay unchanged until the outcome.  What is marked [s]
 * is for sending, [r] for receiving.  The handlers may be called from
 * ue_poll() and from any input: they call no function of ue.h but those that
 * read state
 */
struct ue_file {
	/** Name, UTF-8, without folders; NULL = none */
	const char *name;
	/** Media type without parameters; NULL = application/octet-stream
	 *  [s], any [r] */
	const char *type;
	/** Octets; [r] UE_FILE_ANY = not known */
	uint32_t size;
	/** SHA-1, UE_FILE_HASH octets; NULL: [s] the UE computes it by read_h
	 *  before it offers or accepts; [r] not known */
	const uint8_t *hash;
	/** Position of the first octet of the transfer: what lies before is
	 *  at the receiver already (s6 file-range).  0, or below the size.
	 *  Not for ue_file_accept(), where the peer has said it */
	uint32_t from;
	/** [s] It is to be shown at once (s7: `render`), not kept */
	bool render;
	/** [s] Date of the last change, RFC 5322 with a numeric zone; NULL =
	 *  none */
	const char *date;
	/**
	 * Octets of the file
	 *
	 * [s] What is sent.  [r] What is there already, to go on with its
	 * SHA-1 where it did not pass in order; NULL: such a file is not
	 * checked.  Bounded work, no waiting.
	 *
	 * @param p    Result, valid until the next call or the outcome
	 * @param n    Result, at least 1; it may be more than is left
	 * @param off  Position in the file, below its size
	 *
	 * @return 0; else the transfer fails with EIO
	 */
	int (*read_h)(const uint8_t **p, size_t *n, uint32_t off, void *arg);
	/**
	 * [r] Octets have arrived.  In order but for hostile peers and relays:
	 * later ones count
	 *
	 * @return 0; else the peer gets 413 and the transfer fails with that
	 */
	int (*write_h)(uint32_t off, const uint8_t *p, size_t n, void *arg);
	void *arg;              /**< for the handlers and the events     */
};

/** What is known of a transfer.  Texts are valid until the next call of a
 *  function of the UE */
struct ue_file_info {
	/** Name for the local file system: nothing of a path is in it,
	 *  whatever the peer has said; "" = none */
	const char *name;
	const char *type;       /**< without parameters; "" = none       */
	const uint8_t *hash;    /**< UE_FILE_HASH octets; NULL = none    */
	uint32_t size;          /**< UE_FILE_ANY = not known             */
	uint32_t from;          /**< position of the first octet         */
	uint32_t to;            /**< behind the last; UE_FILE_ANY: the end */
	/** Position up to which all is confirmed by the next hop [s], or has
	 *  been handed to write_h [r], from `from` on */
	uint32_t pos;
	bool sending;           /**< the file is ours                    */
	bool render;            /**< the peer wants it shown at once     */
	bool checked;           /**< its SHA-1 was compared and is right */
};

/** A transfer; private */
struct file {
	struct files *all;
	struct session *s;              /* NULL = none (any more) */
	const struct ue_file *file;     /* NULL = no consent yet */
	const char *uri;                /* whom to call */
	struct messaging_out *head;     /* what goes before it, or came */
	struct msrp_out *out;
	struct msrp_session *ms;        /* while it receives */
	struct ue_timer timer;
	uint32_t size, from, to, pos, hashed;
	int err;
	uint16_t status;
	uint16_t id;                    /* 0 = the entry is free */
	uint16_t head_len;
	uint8_t state;
	uint8_t index;                  /* number of the m= line */
	bool sending;
	bool offerer;
	bool busy;                      /* a message has no outcome yet */
	bool begun;                     /* there was one */
	bool alerted;                   /* the application knows of it */
	bool started;                   /* it was told that it moves */
	bool described;                 /* asked since the last exchange */
	bool wrapped;                   /* in CPIM */
	bool render;
	bool hashing;                   /* the hash is known or wanted */
	bool unhashed;                  /* SHA-1 has failed */
	bool checked;
	uint8_t hash[UE_FILE_HASH];
	mbedtls_sha1_context sha;       /* over the first `hashed` octets */
	char tid[UE_FILE_ID_MAX];
	char name[UE_FILE_NAME_MAX];    /* as the peer has said */
	char type[MSRP_TYPE_MAX];
};

/** All of a UE; private */
struct files {
	struct ue *ue;
	struct messaging *messaging;
	uint16_t serial;
	struct file v[UE_FILES_MAX];
};

/* ---- for ue.c ---- */

#if UE_FILE_TRANSFER

/** Serve offers of files: before call_init().  @return 0, ENOMEM */
int  files_init(struct files *fs, struct ue *ue);
void files_close(struct files *fs);

/** Go on with what is under way, tell outcomes; once in each ue_poll() */
void files_poll(struct files *fs);

#endif

/* ---- between the files of file transfer ---- */

enum file_state {
	FILE_OFFERED = 1,       /* the peer's offer waits for consent    */
	FILE_HASHING,           /* ours: its SHA-1 is being made         */
	FILE_CALLING,           /* offer or consent is on its way        */
	FILE_RUNNING,
	FILE_CHECKING,          /* all is here, the SHA-1 not yet        */
	FILE_OVER               /* the outcome is to be told, or was     */
};

extern const struct messaging_user file_messages;

/** An entry that is free, zero but for its number.  NULL = none */
struct file *file_new(struct files *fs);

/** The next ue_poll() is to look after it */
static inline void file_wake(const struct file *f)
{
	messaging_wake(f->all->messaging);
}

/** Its hash is known, or not wanted: call or accept.  @return as
 *  session_start() */
int  file_begin(struct file *f);

/** End its session after a while */
void file_close_in(struct file *f, uint32_t ms);

/** The end of the transfer, when the size is known.  @return 0; EPROTO it
 *  lies outside of the file, or nothing is left of it */
int  file_bound(struct file *f);

/* file_offer.c: handlers of struct session_user */
bool file_claim(struct session *s, const struct sip_msg *msg,
		const struct sdesc *sdp, void *arg);
int  file_write_media(struct session *s, struct sip_writer *w,
		      unsigned index, const struct sdesc_media *offer,
		      void *arg);
int  file_answer_media(struct session *s, unsigned index,
		       const struct sdesc_media *m, void *arg);

/** Remember why it fails; the first reason counts */
void file_because(struct file *f, int err, uint16_t status);

/** It is over: with err or status, or else as remembered */
void file_over(struct file *f, int err, uint16_t status);

/** Send the file in its one message.  @return 0; ENOMEM later; an errno */
int  file_start(struct file *f, struct messaging_media *md);

/** Octets of the file in so many of its message */
uint32_t file_octets(const struct file *f, uint32_t len);

/** A bounded piece of the SHA-1 up to a position.  @return 0 done; EAGAIN;
 *  EIO */
int  file_hash_step(struct file *f, uint32_t end);

/** Begin its SHA-1 (anew) */
void file_hash_begin(struct file *f);
int  file_hash_end(struct file *f, uint8_t hash[UE_FILE_HASH]);

#endif

/**
 * @file store.h  What is kept for a while and has no fixed length: messages
 *                for retransmission, incomplete messages, texts
 *
 * Records in one piece of memory, each in one piece.  A record goes to the
 * end; where the end is reached, those that live move together, so that what
 * fits once fits for ever.  Records that may be given up go when there is no
 * room (struct sip_store.evict).
 *
 * A pointer into a record is void after the next sip_store_put(),
 * sip_store_alloc() or sip_store_append(), unless the record is pinned.
 *
 * From the other end of the memory come pages, which never move: texts that
 * others may point to for long.
 */
#ifndef SIP_STORE_H
#define SIP_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "ue/ue_config.h"

/** Handle of a record; zero-initialised = none.  Its owner's; it may move,
 *  but only one copy may be used */
struct sip_stored {
	uint16_t len;           /**< octets                              */
	uint8_t head;           /**< 1 + number of the record, 0 = none  */
	uint8_t unused;         /**< no hole: copies are whole           */
};

/** Octets of a page */
#define SIP_STORE_PAGE 512

struct sip_store {
	/** Give up one record and return true, or false: none can go.  NULL =
	 *  never */
	bool (*evict)(void *arg);
	void *arg;
	uint32_t failed;        /**< records that did not fit            */
	uint16_t used;          /**< octets of records that live         */
	uint16_t peak;          /**< most octets ever, pages too         */
	uint16_t end;           /**< behind the last record              */
	uint8_t pages;          /**< down to the lowest one              */
	uint8_t pagev[UE_SIP_STORE / SIP_STORE_PAGE / 8 + 1];   /**< bits */
	uint16_t offv[UE_SIP_RECORDS];  /**< 1 + place, 0 = free         */
	uint32_t mem[UE_SIP_STORE / 4];
};

/** Reads a stored message in order; lives until the store is changed */
struct sip_store_reader {
	const char *p;
	size_t left;
};

/** Nothing in it; evict and arg are the caller's to set */
void sip_store_init(struct sip_store *st);

/**
 * Take room for a record; its content is undefined
 *
 * @param m      Result; a record that it holds is given back first
 * @param st     Store
 * @param len    1..65535
 * @param leave  Octets that must stay free: what lives long leaves room for
 *               what does not
 *
 * @return 0; ENOMEM (m then holds no record, counted in st->failed)
 */
int  sip_store_alloc(struct sip_stored *m, struct sip_store *st, size_t len,
		     size_t leave);

/** The same with a content.  data must not be in the store */
int  sip_store_put(struct sip_stored *m, struct sip_store *st,
		   const void *data, size_t len);

/**
 * Take a record of `max` octets, or, where they are not free, as many as
 * there are, `min` at least
 *
 * @return 0; ENOMEM
 */
int  sip_store_alloc_most(struct sip_stored *m, struct sip_store *st,
			  size_t min, size_t max);

/**
 * Add to a record, or make one of it
 *
 * @return 0; ENOMEM: m is as it was
 */
int  sip_store_append(struct sip_stored *m, struct sip_store *st,
		      const void *data, size_t len);

/** Keep `len` octets from `pos` on, of those that it has; 0 = give it back */
void sip_store_trim(struct sip_stored *m, struct sip_store *st, size_t pos,
		    size_t len);

/** It stays where it is, or may move again */
void sip_store_pin(struct sip_store *st, const struct sip_stored *m,
		   bool pinned);

/** Its octets; NULL: there is none */
char *sip_store_ptr(struct sip_store *st, const struct sip_stored *m);

/**
 * Take a page, all zeros
 *
 * @param page   Result: its number, from 1 on
 * @param leave  As in sip_store_alloc()
 *
 * @return 0; ENOMEM
 */
int  sip_store_page_alloc(uint8_t *page, struct sip_store *st, size_t leave);

char *sip_store_page(struct sip_store *st, uint8_t page);

/** Give a page back, wiped; 0: nothing happens */
void sip_store_page_free(struct sip_store *st, uint8_t page);

/** Octets in use, of records and pages */
size_t sip_store_used(const struct sip_store *st);

/** Would `len` octets fit, if a and b (NULL = nothing) were given back? */
bool sip_store_fits(const struct sip_store *st, size_t len,
		    const struct sip_stored *a, const struct sip_stored *b);

/**
 * Copy a record out
 *
 * @param buf   Result
 * @param size  Its size, at least m->len
 *
 * @return Length; 0: there is none, or buf is too small
 */
size_t sip_store_get(void *buf, size_t size, const struct sip_store *st,
		     const struct sip_stored *m);

/** Give a record back, wiped; nothing happens where there is none */
void sip_store_free(struct sip_store *st, struct sip_stored *m);

void sip_store_reader_init(struct sip_store_reader *r,
			   const struct sip_store *st,
			   const struct sip_stored *m);

/**
 * Read one line, with its line end
 *
 * @param buf   Result
 * @param size  Its size
 * @param r     Reader
 *
 * @return Length; 0: the message has ended, or the line is longer than size
 *         (nothing more can be read then)
 */
size_t sip_store_line(char *buf, size_t size, struct sip_store_reader *r);

#endif

/**
 * @file file_sdp.h  Attributes of file transfer in session descriptions (RFC
 * 5547 s6): reader in place, writer
 *
 * Texts point into the description.  What a peer says of a file is hostile:
 * a name is a name on our side only after file_name_decode() or
 * file_name_clean().
 */
#ifndef SERVICES_FILE_SDP_H
#define SERVICES_FILE_SDP_H

#include "ue/sdp/sdp.h"

/** Octets of a SHA-1 (RFC 3174) */
#define UE_FILE_HASH 20

/** Size or end of a file that is not known.  Larger ones than this are not
 *  transferred: MSRP counts the octets of a message in 32 bits here */
#define UE_FILE_ANY UINT32_MAX

/** A file-selector; each part may be missing */
struct file_selector {
	struct pl name;         /**< as it stands there, escaped; p NULL =
				 *   none                                */
	struct pl type;         /**< media type with parameters          */
	uint32_t size;          /**< UE_FILE_ANY = none                  */
	bool hashed;
	uint8_t hash[UE_FILE_HASH];
};

/**
 * Read a file-selector (RFC 5547 s6, figure 1)
 *
 * Hashes of other algorithms than sha-1 and unknown selectors are passed over
 * (s6: there may be several hashes).
 *
 * @return 0; ENOENT it holds no selector (s8.5: a capability); EBADMSG
 *         malformed, or one of them twice; EOVERFLOW larger than UE_FILE_ANY
 *         - 2 octets
 */
int file_selector_decode(struct file_selector *sel, const struct pl *val);

/** Write the value: name in plain text, NULL = none; type NULL = none; size
 *  UE_FILE_ANY = none; hash NULL = none */
void file_selector_write(struct sip_writer *w, const char *name,
			 const char *type, uint32_t size,
			 const uint8_t *hash);

/** ` hash:sha-1:...` or without the blank */
void file_hash_write(struct sip_writer *w, const char *before,
		     const uint8_t *hash);

/**
 * A name for the file system of the receiver (RFC 5547 s6, s10)
 *
 * Escapes are undone.  Folders, drives, control characters, what a file
 * system, or a shell between quotes, gives a meaning to, octets that are not
 * UTF-8, and `.`, `-` or `~` at the beginning become `_`.  What is too long
 * is cut between two characters.  Nothing else than a name of 1..size - 1
 * octets comes out.
 *
 * @param size  Of name, 8 or more
 *
 * @return 0; EBADMSG a bad escape
 */
int file_name_decode(char *name, size_t size, const struct pl *val);

/** The same of a name without escapes, in place; n: octets, 0..size - 1 */
void file_name_clean(char *name, size_t size, size_t n);

/**
 * Read a file-range
 *
 * @param from  Result: position of the first octet, from 0
 * @param to    Result: position behind the last; UE_FILE_ANY = `*`
 *
 * @return 0; EBADMSG; EOVERFLOW
 */
int file_range_decode(uint32_t *from, uint32_t *to, const struct pl *val);

/** Write it as an attribute */
void file_range_write(struct sip_writer *w, uint32_t from, uint32_t to);

/** Is the media description one of file transfer? */
bool file_is(const struct sdesc_media *m);

#endif

/**
 * @file command_config.h  Capacities of the commands (command.h)
 *
 * A build sets others with -D, or with a header that
 * -DUE_CONFIG_FILE='"my_config.h"' names.
 */
#ifndef PORT_COMMAND_CONFIG_H
#define PORT_COMMAND_CONFIG_H

#ifdef UE_CONFIG_FILE
#include UE_CONFIG_FILE
#endif

/** Longest command with its arguments; what does not fit is refused; 80..4096;
 *  cost: 2 each */
#ifndef COMMAND_LINE
#ifdef UIMS_SMALL
#define COMMAND_LINE 256
#else
#define COMMAND_LINE 512
#endif
#endif

/** Kinds of events that `wait` can have missed; 1..64; cost: a pointer each */
#ifndef COMMAND_EVENTS
#define COMMAND_EVENTS 32
#endif

/** URIs after a command; 1..32; cost: three pointers each */
#ifndef COMMAND_URIS
#define COMMAND_URIS 8
#endif

/** Messages on their way in and out; one more is refused (413 to the peer);
 *  1..64; cost: COMMAND_TEXT + COMMAND_TYPE + COMMAND_NAME each */
#ifndef COMMAND_ITEMS
#ifdef UIMS_SMALL
#define COMMAND_ITEMS 3
#else
#define COMMAND_ITEMS 16
#endif
#endif

/** Longest message that needs no memory of the port; 256..65536 */
#ifndef COMMAND_TEXT
#ifdef UIMS_SMALL
#define COMMAND_TEXT 512
#else
#define COMMAND_TEXT 4096
#endif
#endif

/** Longest media type of a message that comes in, 32..256 */
#ifndef COMMAND_TYPE
#ifdef UIMS_SMALL
#define COMMAND_TYPE 64
#else
#define COMMAND_TYPE 128
#endif
#endif

/** Longest Content-Disposition, a file's name in it; 16..1024 */
#ifndef COMMAND_NAME
#ifdef UIMS_SMALL
#define COMMAND_NAME 32
#else
#define COMMAND_NAME 256
#endif
#endif

/** The lists that `help` prints; 0: not built */
#ifndef COMMAND_HELP
#ifdef UIMS_SMALL
#define COMMAND_HELP 0
#else
#define COMMAND_HELP 1
#endif
#endif

#if COMMAND_LINE < 80 || COMMAND_LINE > 4096 || \
	COMMAND_EVENTS < 1 || COMMAND_EVENTS > 64
#error "COMMAND_LINE: 80..4096; COMMAND_EVENTS: 1..64"
#endif
#if COMMAND_URIS < 1 || COMMAND_URIS > 32 || \
	COMMAND_ITEMS < 1 || COMMAND_ITEMS > 64
#error "COMMAND_URIS: 1..32; COMMAND_ITEMS: 1..64"
#endif
#if COMMAND_TYPE < 32 || COMMAND_TYPE > 256 || COMMAND_TEXT < COMMAND_LINE
#error "COMMAND_TYPE: 32..256; COMMAND_TEXT: no shorter than COMMAND_LINE"
#endif
#if COMMAND_TEXT < 256 || COMMAND_TEXT > 65536 || \
	COMMAND_NAME < 16 || COMMAND_NAME > 1024
#error "COMMAND_TEXT: 256..65536; COMMAND_NAME: 16..1024"
#endif

#endif

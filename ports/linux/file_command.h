/**
 * @file file_command.h  Files of the uims program
 */
#ifndef FILE_COMMAND_H
#define FILE_COMMAND_H

#include "ports/common/command.h"

/* handlers of struct command_port */
void *file_alloc(size_t len, void *arg);
void file_free(void *p, size_t len, void *arg);

/** Keep a file that came in, for its owner only, with a name that
 *  file_name_clean() has made safe; prints it, "" if it could not be kept */
void file_keep(struct output *o, const char *folder,
	       const struct pl *disposition, const struct pl *content);

void file_cmd_send(struct script *sc, char *args);

#endif

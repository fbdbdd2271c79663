/**
 * @file conf_command.h  Commands of conferences
 */
#ifndef PORT_CONF_COMMAND_H
#define PORT_CONF_COMMAND_H

#include "ports/common/command.h"

/** Name of the event as it is printed */
const char *conf_event_name(const struct ue_event *ev);

/** Its own members */
void conf_print(struct script *sc, struct output *o,
		const struct ue_event *ev);

void conf_cmd_create(struct script *sc, char *args);
void conf_cmd_join(struct script *sc, char *args);
void conf_cmd_accept(struct script *sc, char *args);
void conf_cmd_invite(struct script *sc, char *args);
void conf_cmd_refer(struct script *sc, char *args);
void conf_cmd_remove(struct script *sc, char *args);
void conf_cmd_end(struct script *sc, char *args);
void conf_cmd_move(struct script *sc, char *args);
void conf_cmd_hold(struct script *sc, char *args);
void conf_cmd_initiate(struct script *sc, char *args);
void conf_cmd_poc(struct script *sc, char *args);
void conf_cmd_poc_leave(struct script *sc, char *args);
void conf_cmd_poc_end(struct script *sc, char *args);
void conf_cmd_resume(struct script *sc, char *args);
void conf_cmd_leave(struct script *sc, char *args);
void conf_cmd_subscribe(struct script *sc, char *args);
void conf_cmd_unsubscribe(struct script *sc, char *args);
void conf_cmd_who(struct script *sc, char *args);

#endif

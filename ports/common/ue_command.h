/**
 * @file ue_command.h  Commands of registration and audio sessions
 */
#ifndef PORT_UE_COMMAND_H
#define PORT_UE_COMMAND_H

#include "ports/common/command.h"

void ue_cmd_register(struct script *sc, char *args);
void ue_cmd_reregister(struct script *sc, char *args);
void ue_cmd_address_changed(struct script *sc, char *args);
void ue_cmd_deregister(struct script *sc, char *args);
void ue_cmd_call(struct script *sc, char *args);
void ue_cmd_answer(struct script *sc, char *args);
void ue_cmd_hangup(struct script *sc, char *args);
void ue_cmd_status(struct script *sc, char *args);

#endif

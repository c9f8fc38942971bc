/* scene_way.h: ways to places in a scene: folders, files and links are made where the scene is the launcher's own, and nowhere
 * else. */
#ifndef ENDOW_SCENE_WAY_H
#define ENDOW_SCENE_WAY_H

#include "plan.h"
#include "scene.h"

/* From here on entries may be made on the file system of the tmpfs MOUNT. */
int scene_own(struct scene *scene, int mount, struct err *err);

/*
 * Open (O_PATH) the place at the absolute path REAL, without following any link; what is lacking of it is made, an empty folder
 * or an empty file, where the file system is one that scene_own() knows. The caller closes it.
 */
int scene_make(struct scene *scene, const char *real, int is_dir, const struct plan *plan, struct err *err);

/* A symbolic link at the absolute path AT, likewise; no error where there is something already, or where none can be made. */
int scene_link(struct scene *scene, const char *to, const char *at, const struct plan *plan, struct err *err);

/*
 * Follow the absolute path SAID through the file system as it is and remember each symbolic link on the way. What changes
 * meanwhile leads to a link that leads nowhere, and to no more authority: links are names.
 */
int scene_find_links(struct scene *scene, const char *said, struct err *err);

#endif

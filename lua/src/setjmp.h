/* Errors leave C through the host: see prelude.h. */

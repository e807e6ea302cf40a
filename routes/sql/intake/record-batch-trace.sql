-- Records by which span a batch was stored, so that the trace of its upload can name it. Run only when traces are on.
update batch set trace_parent = ? where id = ?

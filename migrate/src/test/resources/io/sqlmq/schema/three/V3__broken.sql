SELECT 1; SELECT no_such_function();

package io.sqlmq.camel;

/** Asks for classes that need not be on the class path. */
final class ClassNames {
    private ClassNames() {}

    /** Whether an object is of the class of that name, or of one that extends it. */
    static boolean is(Object object, String className) {
        for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
            if (type.getName().equals(className)) {
                return true;
            }
        }
        return false;
    }
}

package io.sqlmq.message;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Which classes an ObjectMessage may bring into this JVM. Deserialising runs code of whatever class the sender has
 * chosen, so it is limited to an allow-list: values and collections of java.lang, java.util, java.math and java.time,
 * and what the option {@code trustedPackages} adds. Immutable.
 */
public final class TrustedClasses {
    private static final String ALL = "*";

    /** Of these, java.util.ImmutableCollections is what List.of, Set.of and Map.of make, under names that differ between releases. */
    private static final Set<String> WITH_ALL_WITHIN =
            Set.of("java.math", "java.util.ImmutableCollections", "java.time");

    /** Named one by one: both packages have classes that do more than hold values. */
    private static final Set<String> CLASSES = Set.of(
            "java.io.Serializable",
            "java.lang.Boolean",
            "java.lang.Byte",
            "java.lang.CharSequence",
            "java.lang.Character",
            "java.lang.Comparable",
            "java.lang.Double",
            "java.lang.Enum",
            "java.lang.Float",
            "java.lang.Integer",
            "java.lang.Long",
            "java.lang.Number",
            "java.lang.Object",
            "java.lang.Short",
            "java.lang.String",
            "java.lang.StringBuffer",
            "java.lang.StringBuilder",
            "java.util.AbstractMap$SimpleEntry",
            "java.util.AbstractMap$SimpleImmutableEntry",
            "java.util.ArrayDeque",
            "java.util.ArrayList",
            "java.util.Arrays$ArrayList",
            "java.util.BitSet",
            "java.util.CollSer",
            "java.util.Collection",
            "java.util.Collections$CopiesList",
            "java.util.Collections$EmptyList",
            "java.util.Collections$EmptyMap",
            "java.util.Collections$EmptySet",
            "java.util.Collections$ReverseComparator",
            "java.util.Collections$SingletonList",
            "java.util.Collections$SingletonMap",
            "java.util.Collections$SingletonSet",
            "java.util.Collections$SynchronizedCollection",
            "java.util.Collections$SynchronizedList",
            "java.util.Collections$SynchronizedMap",
            "java.util.Collections$SynchronizedRandomAccessList",
            "java.util.Collections$SynchronizedSet",
            "java.util.Collections$UnmodifiableCollection",
            "java.util.Collections$UnmodifiableList",
            "java.util.Collections$UnmodifiableMap",
            "java.util.Collections$UnmodifiableRandomAccessList",
            "java.util.Collections$UnmodifiableSet",
            "java.util.Collections$UnmodifiableSortedMap",
            "java.util.Collections$UnmodifiableSortedSet",
            "java.util.Currency",
            "java.util.Date",
            "java.util.Dictionary",
            "java.util.EnumMap",
            "java.util.EnumSet",
            "java.util.EnumSet$SerializationProxy",
            "java.util.HashMap",
            "java.util.HashSet",
            "java.util.Hashtable",
            "java.util.JumboEnumSet",
            "java.util.LinkedHashMap",
            "java.util.LinkedHashSet",
            "java.util.LinkedList",
            "java.util.List",
            "java.util.Locale",
            "java.util.Map",
            "java.util.Map$Entry",
            "java.util.PriorityQueue",
            "java.util.Properties",
            "java.util.RegularEnumSet",
            "java.util.Set",
            "java.util.Stack",
            "java.util.TreeMap",
            "java.util.TreeSet",
            "java.util.UUID",
            "java.util.Vector");

    /** A Hashtable of 10,000 entries takes half a second if all keys have the same hash code. */
    private static final int HASHTABLE_OBJECTS = 20_000;

    private static final TrustedClasses DEFAULTS = new TrustedClasses(Set.of(), false, HASHTABLE_OBJECTS);

    private final Set<String> added;
    private final boolean all;
    private final int maxHashtableObjects;

    private TrustedClasses(Set<String> added, boolean all, int maxHashtableObjects) {
        this.added = added;
        this.all = all;
        this.maxHashtableObjects = maxHashtableObjects;
    }

    /** Values and collections of the JDK only. */
    public static TrustedClasses defaults() {
        return DEFAULTS;
    }

    /**
     * The defaults and what is named here.
     *
     * @param packagesOrClasses fully qualified names: of a class (its nested classes are trusted too) or of a package
     *     (its subpackages too; a trailing {@code .*} may be written), or {@code *} for every class there is
     */
    public static TrustedClasses of(Collection<String> packagesOrClasses) {
        Set<String> added = new LinkedHashSet<>();
        for (String entry : packagesOrClasses) {
            String name = entry.strip();
            if (name.equals(ALL)) {
                return new TrustedClasses(Set.of(), true, HASHTABLE_OBJECTS);
            }
            if (name.endsWith(".*")) {
                name = name.substring(0, name.length() - 2);
            }
            if (name.isEmpty()) {
                throw new IllegalArgumentException(
                        "trustedPackages has an empty entry; name packages or classes, or *" + " for all.");
            }
            added.add(name);
        }
        return added.isEmpty() ? DEFAULTS : new TrustedClasses(added, false, HASHTABLE_OBJECTS);
    }

    /**
     * The same classes with another limit.
     *
     * @param objects how many objects a stream may have with a Hashtable among them
     */
    public TrustedClasses withMaxHashtableObjects(int objects) {
        return new TrustedClasses(added, all, objects);
    }

    int maxHashtableObjects() {
        return maxHashtableObjects;
    }

    /**
     * Whether objects of this class may be deserialised.
     *
     * @param className the binary name of a class that is no array, as {@link Class#getName()}
     */
    public boolean isTrusted(String className) {
        if (all || CLASSES.contains(className) || isWithin(WITH_ALL_WITHIN, className)) {
            return true;
        }
        return !added.isEmpty() && isWithin(added, className);
    }

    /** Whether the name is an entry of the set, or stands within one: a class in a package or nested in a class. */
    private static boolean isWithin(Set<String> entries, String className) {
        if (entries.contains(className)) {
            return true;
        }
        for (int i = className.length() - 1; i > 0; i--) {
            char c = className.charAt(i);
            if ((c == '.' || c == '$') && entries.contains(className.substring(0, i))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return "TrustedClasses[" + (all ? ALL : "JDK values and collections, " + added) + "]";
    }
}

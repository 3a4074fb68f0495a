package io.sqlmq.jms.jndi;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import javax.naming.CompositeName;
import javax.naming.ConfigurationException;
import javax.naming.Name;
import javax.naming.NamingException;
import org.jspecify.annotations.Nullable;

/** Names and what they stand for: entries, or trees of further names. Changed only while it is being built. */
final class NameTree {
    private final SortedMap<String, Object> children = new TreeMap<>();
    private final @Nullable Class<?> anyType;
    private final @Nullable Function<String, Object> anyName;

    NameTree() {
        this(null, null);
    }

    private NameTree(@Nullable Class<?> anyType, @Nullable Function<String, Object> anyName) {
        this.anyType = anyType;
        this.anyName = anyName;
    }

    /** Below {@code name} every name stands for something, made of that name. */
    void addAll(String name, Class<?> type, Function<String, Object> maker) {
        children.put(name, new NameTree(type, maker));
    }

    /** Adds an entry, and the trees that it is in. */
    void add(String name, Entry entry) throws NamingException {
        Name path = new CompositeName(name);
        if (path.isEmpty()) {
            throw new ConfigurationException("A property for the naming service has no name behind its prefix");
        }
        NameTree tree = this;
        for (String part : Collections.list(path.getPrefix(path.size() - 1).getAll())) {
            Object below = tree.children.computeIfAbsent(part, missing -> new NameTree());
            if (!(below instanceof NameTree subtree)) {
                throw new ConfigurationException(
                        "The name " + name + " goes through " + part + ", which stands for an object already");
            }
            tree = subtree;
        }
        if (tree.children.putIfAbsent(path.get(path.size() - 1), entry) != null) {
            throw new ConfigurationException("The name " + name + " is there twice");
        }
    }

    /** What the first part of a name stands for: an entry, a tree, or null. */
    @Nullable
    Object child(String part) {
        return children.get(part);
    }

    /** What a name below a tree of any names stands for, or null if this is not one. */
    @Nullable
    Entry any(Name name) {
        Class<?> type = anyType;
        Function<String, Object> maker = anyName;
        return type == null || maker == null
                ? null
                : new Entry(type, () -> maker.apply(String.join("/", Collections.list(name.getAll()))));
    }

    SortedMap<String, Object> children() {
        return Collections.unmodifiableSortedMap(children);
    }
}

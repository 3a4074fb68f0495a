package io.sqlmq.jms.jndi;

import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import javax.naming.Binding;
import javax.naming.CompositeName;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.NameClassPair;
import javax.naming.NameNotFoundException;
import javax.naming.NameParser;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.NotContextException;
import javax.naming.OperationNotSupportedException;
import org.jspecify.annotations.Nullable;

/** A context over a {@link NameTree}. Whatever would change it is refused. */
@SuppressWarnings({"BanJNDI", "JdkObsolete"
}) // it is the naming service, deserializes nothing; JNDI is made of Hashtables
final class ReadOnlyContext implements Context {
    private final NameTree tree;
    private final String path;
    private final Hashtable<Object, Object> environment = new Hashtable<>();

    ReadOnlyContext(NameTree tree, String path, @Nullable Hashtable<?, ?> environment) {
        this.tree = tree;
        this.path = path;
        if (environment != null) {
            this.environment.putAll(environment);
        }
    }

    // ---- looking up

    @Override
    public Object lookup(Name name) throws NamingException {
        Object found = resolve(name);
        return found instanceof NameTree subtree ? context(name, subtree) : make(name, (Entry) found);
    }

    @Override
    public Object lookup(String name) throws NamingException {
        return lookup(new CompositeName(name));
    }

    @Override
    public Object lookupLink(Name name) throws NamingException {
        return lookup(name);
    }

    @Override
    public Object lookupLink(String name) throws NamingException {
        return lookup(name);
    }

    /** The entry or tree of a name. */
    private Object resolve(Name name) throws NamingException {
        NameTree current = tree;
        for (int i = 0; i < name.size(); i++) {
            Entry any = current.any(name.getSuffix(i));
            if (any != null) {
                return any;
            }
            Object child = current.child(name.get(i));
            if (child instanceof NameTree subtree) {
                current = subtree;
            } else if (child == null) {
                throw at(
                        name,
                        i,
                        new NameNotFoundException("There is nothing of the name " + name + ". Set the property queue."
                                + name + ", topic." + name + " or connectionFactory." + name
                                + ", for the default connection factories java.naming.provider.url; or look up dynamicQueues/… or"
                                + " dynamicTopics/…"));
            } else if (i < name.size() - 1) {
                throw at(name, i + 1, new NotContextException(name.getPrefix(i + 1) + " is an object, not a context"));
            } else {
                return child;
            }
        }
        return current;
    }

    private static NamingException at(Name name, int resolved, NamingException failure) {
        failure.setResolvedName(name.getPrefix(resolved));
        failure.setRemainingName(name.getSuffix(resolved));
        return failure;
    }

    private static Object make(Name name, Entry entry) throws NamingException {
        try {
            return entry.maker().get();
        } catch (IllegalArgumentException e) {
            NamingException refused =
                    SqlmqObjectFactory.refused("The configuration of " + name + " is wrong: " + e.getMessage(), e);
            refused.setRemainingName(name);
            throw refused;
        }
    }

    private ReadOnlyContext context(Name name, NameTree subtree) {
        return new ReadOnlyContext(subtree, composed(name.toString()), environment);
    }

    private String composed(String name) {
        return path.isEmpty() || name.isEmpty() ? path + name : path + "/" + name;
    }

    @Override
    public NamingEnumeration<NameClassPair> list(Name name) throws NamingException {
        List<NameClassPair> pairs = new ArrayList<>();
        for (Map.Entry<String, Object> child : children(name).entrySet()) {
            pairs.add(new NameClassPair(
                    child.getKey(),
                    child.getValue() instanceof Entry entry
                            ? entry.type().getName()
                            : ReadOnlyContext.class.getName()));
        }
        return new Listing<>(pairs);
    }

    @Override
    public NamingEnumeration<NameClassPair> list(String name) throws NamingException {
        return list(new CompositeName(name));
    }

    @Override
    public NamingEnumeration<Binding> listBindings(Name name) throws NamingException {
        List<Binding> bindings = new ArrayList<>();
        for (Map.Entry<String, Object> child : children(name).entrySet()) {
            Name full = ((Name) name.clone()).add(child.getKey());
            bindings.add(new Binding(
                    child.getKey(),
                    child.getValue() instanceof Entry entry
                            ? make(full, entry)
                            : context(full, (NameTree) child.getValue())));
        }
        return new Listing<>(bindings);
    }

    @Override
    public NamingEnumeration<Binding> listBindings(String name) throws NamingException {
        return listBindings(new CompositeName(name));
    }

    private Map<String, Object> children(Name name) throws NamingException {
        if (resolve(name) instanceof NameTree subtree) {
            return subtree.children();
        }
        throw at(name, name.size(), new NotContextException(name + " is an object, not a context"));
    }

    // ---- names and environment

    @Override
    public NameParser getNameParser(Name name) {
        return CompositeName::new;
    }

    @Override
    public NameParser getNameParser(String name) {
        return CompositeName::new;
    }

    @Override
    public Name composeName(Name name, Name prefix) throws NamingException {
        return ((Name) prefix.clone()).addAll(name);
    }

    @Override
    public String composeName(String name, String prefix) throws NamingException {
        return composeName(new CompositeName(name), new CompositeName(prefix)).toString();
    }

    @Override
    public String getNameInNamespace() {
        return path;
    }

    @Override
    public Hashtable<?, ?> getEnvironment() {
        return new Hashtable<>(environment);
    }

    /** Kept, but what the context was made of does not change. */
    @Override
    public @Nullable Object addToEnvironment(String name, Object value) {
        return environment.put(name, value);
    }

    @Override
    public @Nullable Object removeFromEnvironment(String name) {
        return environment.remove(name);
    }

    /** Nothing to give back: connection factories are closed by whoever uses them. */
    @Override
    public void close() {}

    // ---- changes

    private NamingException readOnly() {
        return new OperationNotSupportedException(
                "This naming service is made of properties and cannot be changed. Set the properties before the initial"
                        + " context is made");
    }

    @Override
    public void bind(Name name, @Nullable Object object) throws NamingException {
        throw readOnly();
    }

    @Override
    public void bind(String name, @Nullable Object object) throws NamingException {
        throw readOnly();
    }

    @Override
    public void rebind(Name name, @Nullable Object object) throws NamingException {
        throw readOnly();
    }

    @Override
    public void rebind(String name, @Nullable Object object) throws NamingException {
        throw readOnly();
    }

    @Override
    public void unbind(Name name) throws NamingException {
        throw readOnly();
    }

    @Override
    public void unbind(String name) throws NamingException {
        throw readOnly();
    }

    @Override
    public void rename(Name from, Name to) throws NamingException {
        throw readOnly();
    }

    @Override
    public void rename(String from, String to) throws NamingException {
        throw readOnly();
    }

    @Override
    public void destroySubcontext(Name name) throws NamingException {
        throw readOnly();
    }

    @Override
    public void destroySubcontext(String name) throws NamingException {
        throw readOnly();
    }

    @Override
    public Context createSubcontext(Name name) throws NamingException {
        throw readOnly();
    }

    @Override
    public Context createSubcontext(String name) throws NamingException {
        throw readOnly();
    }
}

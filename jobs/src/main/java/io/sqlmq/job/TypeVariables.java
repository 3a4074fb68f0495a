package io.sqlmq.job;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the type variables of its supertypes are in a class. */
final class TypeVariables {
    private final Map<TypeVariable<?>, Type> values = new HashMap<>();

    TypeVariables(Class<?> type) {
        add(type);
    }

    private void add(@Nullable Type type) {
        if (type == null) {
            return;
        }
        Class<?> raw = erasure(type);
        if (type instanceof ParameterizedType generic) {
            for (int i = 0; i < raw.getTypeParameters().length; i++) {
                values.put(raw.getTypeParameters()[i], resolve(generic.getActualTypeArguments()[i]));
            }
        }
        add(raw.getGenericSuperclass());
        for (Type implemented : raw.getGenericInterfaces()) {
            add(implemented);
        }
    }

    Type[] ofParameters(Method method) {
        return Arrays.stream(method.getGenericParameterTypes())
                .map(this::resolve)
                .toArray(Type[]::new);
    }

    /** The type without variables; what is not known of them is their bounds. A wildcard is what a value of it can be read as. */
    private Type resolve(Type type) {
        if (type instanceof TypeVariable<?>) {
            return values.getOrDefault(type, erasure(type));
        }
        if (type instanceof WildcardType wildcard) {
            return resolve(
                    wildcard.getLowerBounds().length > 0 ? wildcard.getLowerBounds()[0] : wildcard.getUpperBounds()[0]);
        }
        if (type instanceof GenericArrayType array) {
            Type component = resolve(array.getGenericComponentType());
            return component instanceof Class<?> known ? known.arrayType() : new ArrayOf(component);
        }
        if (type instanceof ParameterizedType generic) {
            List<Type> arguments = Arrays.stream(generic.getActualTypeArguments())
                    .map(this::resolve)
                    .toList();
            return arguments.equals(List.of(generic.getActualTypeArguments()))
                    ? type
                    : new Parameterized(erasure(type), generic.getOwnerType(), arguments);
        }
        return type;
    }

    /** The class that a value of the type has at least. */
    static Class<?> erasure(Type type) {
        if (type instanceof Class<?> known) {
            return known;
        }
        if (type instanceof ParameterizedType generic) {
            return erasure(generic.getRawType());
        }
        if (type instanceof GenericArrayType array) {
            return erasure(array.getGenericComponentType()).arrayType();
        }
        if (type instanceof TypeVariable<?> variable) {
            return erasure(variable.getBounds()[0]);
        }
        return erasure(((WildcardType) type).getUpperBounds()[0]);
    }

    private record ArrayOf(Type component) implements GenericArrayType {
        @Override
        public Type getGenericComponentType() {
            return component;
        }

        @Override
        public String getTypeName() {
            return component.getTypeName() + "[]";
        }
    }

    private record Parameterized(Class<?> raw, @Nullable Type owner, List<Type> arguments)
            implements ParameterizedType {
        @Override
        public Type[] getActualTypeArguments() {
            return arguments.toArray(Type[]::new);
        }

        @Override
        public Type getRawType() {
            return raw;
        }

        @Override
        public @Nullable Type getOwnerType() {
            return owner;
        }

        @Override
        public String getTypeName() {
            return raw.getTypeName()
                    + arguments.stream().map(Type::getTypeName).collect(Collectors.joining(", ", "<", ">"));
        }
    }
}

# The image for the profile prod: no Maven, no embedded PostgreSQL, no shell tools needed, no right to write.
FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /build
COPY pom.xml .
COPY src/main src/main
COPY application.properties .
COPY routes routes
RUN mvn -q -B -Dmaven.test.skip verify \
    && mkdir /app \
    && mv target/lib target/metrika-conversions.jar target/bom.json application.properties routes src/main/jvm/classes.lst /app/ \
    && chmod -R a+rX /app

# The archive of classes fits the JVM that makes it, and the paths and times of the jars that it is made of
FROM eclipse-temurin:17-jre AS archive
COPY --from=build /app /app
WORKDIR /app
RUN java -Xshare:dump -XX:SharedClassListFile=classes.lst -XX:SharedArchiveFile=classes.jsa -jar metrika-conversions.jar \
    && chmod a+r classes.jsa

FROM eclipse-temurin:17-jre
COPY --from=archive /app /app
WORKDIR /app
ENV CAMEL_MAIN_PROFILE=prod
# Names of files and settings in all scripts
ENV LC_ALL=C.UTF-8
USER 10001:10001
EXPOSE 8080
# Asks the management server, which listens inside the container only. bash opens the connection itself (/dev/tcp), since
# an image need not have curl. While the database is away the answer takes a few seconds and is not 200.
HEALTHCHECK --interval=10s --timeout=10s --start-period=60s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${MANAGEMENT_PORT:-9876} && printf 'GET /observe/health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && read -r answer <&3 && [[ $answer == *' 200 '* ]]"]
ENTRYPOINT ["java", "-XX:SharedArchiveFile=classes.jsa", "-XX:+ExitOnOutOfMemoryError", "-jar", "metrika-conversions.jar"]
